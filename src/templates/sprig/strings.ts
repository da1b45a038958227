import { FunctionError } from "../error.ts";
import { fixed, functionTable, variadic } from "../function.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { byteLength, compareStrings, sliceBytes } from "../value/bytes.ts";
import { ByteList } from "../value/byte-list.ts";
import { print } from "../value/print.ts";
import { quote } from "../value/quote.ts";
import { findItems, TypedList, TypedMap } from "../value/value.ts";
import type { GoCallable, Value } from "../value/value.ts";
import { trimSpace } from "./characters.ts";

/** The value as Sprig makes text of it: bytes are text, everything else is as printed. */
export function toText(value: Value): string {
  return value instanceof ByteList ? value.text : print(value);
}

const isSomething = (value: Value): boolean => value !== undefined && value !== null;

/** Repeats, unless the result is longer than any rendering may be. */
export function repeat(text: string, count: number): string {
  if (count < 0) throw new FunctionError("strings: negative Repeat count");
  if (text.length * count > DEFAULT_LIMITS.outputLength) throw new FunctionError("result of repeat is too long");
  return text.repeat(count);
}

function indent(spaces: number, text: string): string {
  const padding = repeat(" ", spaces);
  return padding + text.replaceAll("\n", `\n${padding}`);
}

/** Go's `strings.Replace` of all: an empty `from` matches around every character. */
function replaceAll(text: string, from: string, to: string): string {
  if (from !== "") return text.replaceAll(from, () => to);
  return to + Array.from(text, (character) => character + to).join("");
}

function truncate(count: number, text: string): string {
  const length = byteLength(text);
  if (count < 0) return length + count > 0 ? sliceBytes(text, length + count) : text;
  return length > count ? sliceBytes(text, 0, count) : text;
}

function substring(start: number, end: number, text: string): string {
  const length = byteLength(text);
  if (start < 0) return checkedSlice(text, 0, end, length);
  if (end < 0 || end > length) return checkedSlice(text, start, length, length);
  return checkedSlice(text, start, end, length);
}

function checkedSlice(text: string, start: number, end: number, length: number): string {
  if (end < 0) throw new FunctionError(`runtime error: slice bounds out of range [:${end}]`);
  if (end > length) throw new FunctionError(`runtime error: slice bounds out of range [:${end}] with length ${length}`);
  if (start > end && end === length)
    throw new FunctionError(`runtime error: slice bounds out of range [${start}:${end}]`);
  if (start > end) throw new FunctionError(`runtime error: slice bounds out of range [${start}:${end}]`);
  return sliceBytes(text, start, end);
}

function trimSet(set: string, text: string): string {
  const characters = new Set(set);
  const runes = Array.from(text);
  let start = 0;
  let end = runes.length;
  while (start < end && characters.has(runes[start] ?? "")) start++;
  while (end > start && characters.has(runes[end - 1] ?? "")) end--;
  return runes.slice(start, end).join("");
}

/** Every kind of list as strings, without nil; anything else as its one element. */
export function toStrings(value: Value): readonly string[] {
  const items = findItems(value);
  if (items) return items.filter(isSomething).map(toText);
  return isSomething(value) ? [toText(value)] : [];
}

export function splitText(text: string, separator: string, limit = -1): string[] {
  if (limit === 0) return [];
  const parts = separator === "" ? Array.from(text) : text.split(separator);
  if (limit < 0 || parts.length <= limit) return parts;
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}

function numbered(parts: readonly string[]): TypedMap {
  return new TypedMap(
    "string",
    parts.map((part, index) => [`_${index}`, part] as const),
  );
}

function concatenate(values: readonly Value[]): string {
  return values.filter(isSomething).map(print).join(" ");
}

const trimAll: GoCallable = fixed(["string", "string"], trimSet);
const stringList = (items: readonly string[]): TypedList => new TypedList("string", items);

export const stringFunctions = functionTable({
  trim: fixed(["string"], trimSpace),
  trimAll,
  trimall: trimAll,
  trimSuffix: fixed(["string", "string"], (suffix, text) =>
    text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text,
  ),
  trimPrefix: fixed(["string", "string"], (prefix, text) =>
    text.startsWith(prefix) ? text.slice(prefix.length) : text,
  ),
  trunc: fixed(["int", "string"], truncate),
  substr: fixed(["int", "int", "string"], substring),
  repeat: fixed(["int", "string"], (count, text) => repeat(text, count)),
  contains: fixed(["string", "string"], (part, text) => text.includes(part)),
  hasPrefix: fixed(["string", "string"], (prefix, text) => text.startsWith(prefix)),
  hasSuffix: fixed(["string", "string"], (suffix, text) => text.endsWith(suffix)),
  quote: variadic([], "any", (values) =>
    values
      .filter(isSomething)
      .map((value) => quote(toText(value)))
      .join(" "),
  ),
  squote: variadic([], "any", (values) =>
    values
      .filter(isSomething)
      .map((value) => `'${print(value)}'`)
      .join(" "),
  ),
  cat: variadic([], "any", concatenate),
  indent: fixed(["int", "string"], indent),
  nindent: fixed(["int", "string"], (spaces, text) => `\n${indent(spaces, text)}`),
  replace: fixed(["string", "string", "string"], (from, to, text) => replaceAll(text, from, to)),
  plural: fixed(["string", "string", "int"], (one, many, count) => (count === 1 ? one : many)),
  toString: fixed(["any"], toText),
  toStrings: fixed(["any"], (value) => stringList(toStrings(value))),
  join: fixed(["string", "any"], (separator, value) => toStrings(value).join(separator)),
  sortAlpha: fixed(["any"], (value) =>
    findItems(value) ? stringList([...toStrings(value)].sort(compareStrings)) : stringList([print(value)]),
  ),
  split: fixed(["string", "string"], (separator, text) => numbered(splitText(text, separator))),
  splitn: fixed(["string", "int", "string"], (separator, limit, text) => numbered(splitText(text, separator, limit))),
  splitList: fixed(["string", "string"], (separator, text) => stringList(splitText(text, separator))),
});
