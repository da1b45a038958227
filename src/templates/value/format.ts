import { byteLength, encodeBytes, runesOf } from "./bytes.ts";
import { formatFloat } from "./float.ts";
import { isUnsigned, typeOf } from "./kind.ts";
import { sortedEntries } from "./print.ts";
import { canBackquote, isPrint, quote, quoteRune } from "./quote.ts";
import { findItems, GoObject, Integer, TypedList } from "./value.ts";
import type { GoMap, Value } from "./value.ts";
import { FunctionError } from "../error.ts";

/** What stands between `%` and the verb. */
export interface Flags {
  readonly plus?: boolean;
  readonly minus?: boolean;
  readonly sharp?: boolean;
  readonly space?: boolean;
  readonly zero?: boolean;
  readonly width?: number | undefined;
  readonly precision?: number | undefined;
  /** `%#v`: as Go source would write the value. */
  readonly goSyntax?: boolean;
}

const MAX_DEPTH = 1000;

/** One value under one verb, as fmt formats it. */
export function formatValue(value: Value, verb: string, flags: Flags, depth = 0): string {
  if (value === null || value === undefined) return formatNil(verb, flags, depth);
  if (depth === 0 && verb === "T") return formatString(typeOf(value), "s", flags);
  if (depth === 0 && verb === "p") return formatPointer(value, flags);
  switch (typeof value) {
    case "boolean":
      return verb === "t" || verb === "v" ? pad(String(value), flags) : badVerb(verb, value, flags);
    case "number":
      return formatNumber(value, verb, flags);
    case "bigint":
      return formatInteger(value, value, verb, flags);
    case "string":
      return formatString(value, verb, flags);
    case "function":
    case "object":
    case "symbol":
    case "undefined":
    default:
      return formatObject(value, verb, flags, depth);
  }
}

function formatNil(verb: string, flags: Flags, depth: number): string {
  if (depth > 0) {
    return flags.goSyntax ? "interface {}(nil)" : "<nil>";
  }
  return verb === "v" || verb === "T" ? pad("<nil>", flags) : `%!${verb}(<nil>)`;
}

function formatPointer(value: Value, flags: Flags): string {
  if (value instanceof Map || findItems(value)) {
    throw new FunctionError("%p is not supported: values have no address here");
  }
  return badVerb("p", value, flags);
}

function badVerb(verb: string, value: Value, flags: Flags): string {
  return `%!${verb}(${typeOf(value)}=${formatValue(value, "v", flags, 1)})`;
}

function formatObject(
  value: Integer | readonly Value[] | TypedList | GoMap | GoObject,
  verb: string,
  flags: Flags,
  depth: number,
): string {
  if (depth > MAX_DEPTH) throw new FunctionError("value is nested too deeply to be printed");
  if (value instanceof Integer) return formatInteger(value, value.value, verb, flags);
  if (value instanceof GoObject) return formatString(value.print(), "sxXq".includes(verb) ? verb : "s", flags);
  if (value instanceof Map) return formatMap(value, verb, flags, depth);
  return formatList(value, verb, flags, depth);
}

function formatMap(map: GoMap, verb: string, flags: Flags, depth: number): string {
  const entries = sortedEntries(map).map(
    ([key, item]) => `${formatValue(key, verb, flags, depth + 1)}:${formatValue(item, verb, flags, depth + 1)}`,
  );
  return flags.goSyntax ? `${typeOf(map)}{${entries.join(", ")}}` : `map[${entries.join(" ")}]`;
}

function formatList(list: readonly Value[] | TypedList, verb: string, flags: Flags, depth: number): string {
  if (flags.goSyntax && list instanceof TypedList && list.isNil) return `${typeOf(list)}(nil)`;
  const items = (findItems(list) ?? []).map((item) => formatValue(item, verb, flags, depth + 1));
  return flags.goSyntax ? `${typeOf(list)}{${items.join(", ")}}` : `[${items.join(" ")}]`;
}

function formatNumber(value: number, verb: string, flags: Flags): string {
  switch (verb) {
    case "v":
      return formatFloatVerb(value, "g", -1, flags);
    case "b":
    case "g":
    case "G":
    case "x":
    case "X":
      return formatFloatVerb(value, verb, -1, flags);
    case "f":
    case "e":
    case "E":
      return formatFloatVerb(value, verb, 6, flags);
    case "F":
      return formatFloatVerb(value, "f", 6, flags);
    default:
      return badVerb(verb, value, flags);
  }
}

function formatFloatVerb(value: number, verb: string, defaultPrecision: number, flags: Flags): string {
  const precision = flags.precision ?? defaultPrecision;
  const text = formatFloat(value, verb, precision);
  const isSigned = text.startsWith("-") || text.startsWith("+");
  let sign = isSigned ? text.slice(0, 1) : "+";
  let digits = isSigned ? text.slice(1) : text;
  if (flags.space && sign === "+" && !flags.plus) sign = " ";
  if (digits === "Inf" || digits === "NaN") {
    const isBare = digits === "NaN" && !flags.space && !flags.plus;
    return pad(isBare ? digits : sign + digits, { ...flags, zero: false });
  }
  if (flags.sharp && verb !== "b") digits = withPoint(digits, verb, precision);
  if (!flags.plus && sign === "+") return pad(digits, flags);
  if (flags.zero && !flags.minus && flags.width !== undefined && flags.width > digits.length + 1) {
    return sign + digits.padStart(flags.width - 1, "0");
  }
  return pad(sign + digits, flags);
}

/** The `#` flag: always a decimal point, and trailing zeros up to the precision for %g and %x. */
function withPoint(text: string, verb: string, precision: number): string {
  const isHex = verb === "x" || verb === "X";
  const tailAt = text.search(isHex ? /[pP]/ : /[eE]/);
  const body = tailAt < 0 ? text : text.slice(0, tailAt);
  const wanted = verb === "g" || verb === "G" || verb === "x" ? (precision === -1 ? 6 : precision) : 0;
  const significant = body.replace(".", "").replace(/^0+/, "").length + (body === "0" ? 1 : 0);
  const pointed = body.includes(".") ? body : `${body}.`;
  return pointed + "0".repeat(Math.max(0, wanted - significant)) + (tailAt < 0 ? "" : text.slice(tailAt));
}

function formatInteger(value: Value, integer: bigint, verb: string, flags: Flags): string {
  switch (verb) {
    case "v":
      if (flags.goSyntax && isUnsigned(value)) return renderInteger(integer, 16, verb, { ...flags, sharp: true });
      return renderInteger(integer, 10, verb, flags);
    case "d":
      return renderInteger(integer, 10, verb, flags);
    case "b":
      return renderInteger(integer, 2, verb, flags);
    case "o":
    case "O":
      return renderInteger(integer, 8, verb, flags);
    case "x":
    case "X":
      return renderInteger(integer, 16, verb, flags);
    case "c":
      return pad(toRune(integer), flags);
    case "q":
      return pad(quoteRune(toRune(integer), flags.plus), flags);
    case "U":
      return formatUnicode(integer, flags);
    default:
      return badVerb(verb, value, flags);
  }
}

function renderInteger(integer: bigint, base: number, verb: string, flags: Flags): string {
  const sign = integer < 0n ? "-" : flags.plus ? "+" : flags.space ? " " : "";
  const plain = { ...flags, zero: false };
  if (flags.precision === 0 && integer === 0n) return pad("", plain);
  let digits = (integer < 0n ? -integer : integer).toString(base);
  const isZeroPadded = flags.precision === undefined && flags.zero && !flags.minus && flags.width !== undefined;
  digits = digits.padStart(flags.precision ?? (isZeroPadded ? (flags.width ?? 0) - sign.length : 0), "0");
  if (verb === "X") digits = digits.toUpperCase();
  return pad(sign + integerPrefix(base, verb, digits, flags) + digits, plain);
}

function integerPrefix(base: number, verb: string, digits: string, flags: Flags): string {
  const octal = verb === "O" ? "0o" : "";
  if (!flags.sharp) return octal;
  if (base === 2) return "0b";
  if (base === 16) return verb === "X" ? "0X" : "0x";
  return base === 8 && !digits.startsWith("0") ? `${octal}0` : octal;
}

function toRune(integer: bigint): string {
  const isScalar = integer >= 0n && integer <= 0x10ffffn && !(integer >= 0xd800n && integer <= 0xdfffn);
  return isScalar ? String.fromCodePoint(Number(integer)) : "\ufffd";
}

function formatUnicode(integer: bigint, flags: Flags): string {
  const digits = BigInt.asUintN(64, integer)
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(4, flags.precision ?? 0), "0");
  const shown = flags.sharp && integer >= 0n && integer <= 0x10ffffn && isPrint(toRune(integer));
  return pad(`U+${digits}${shown ? ` '${toRune(integer)}'` : ""}`, { ...flags, zero: false });
}

function formatString(text: string, verb: string, flags: Flags): string {
  switch (verb) {
    case "v":
      return flags.goSyntax ? formatQuoted(text, flags) : pad(truncate(text, flags), flags);
    case "s":
      return pad(truncate(text, flags), flags);
    case "q":
      return formatQuoted(text, flags);
    case "x":
    case "X":
      return formatHex(text, verb, flags);
    default:
      return badVerb(verb, text, flags);
  }
}

function formatQuoted(text: string, flags: Flags): string {
  const shown = truncate(text, flags);
  if (flags.sharp && canBackquote(shown)) return pad(`\`${shown}\``, flags);
  return pad(quote(shown, flags.plus), flags);
}

function formatHex(text: string, verb: string, flags: Flags): string {
  const prefix = flags.sharp ? (verb === "X" ? "0X" : "0x") : "";
  const bytes = encodeBytes(text).subarray(0, flags.precision ?? byteLength(text));
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  const separator = flags.space ? ` ${prefix}` : "";
  const hex = verb === "X" ? pairs.join("\u0000").toUpperCase() : pairs.join("\u0000");
  return pad(hex === "" ? "" : prefix + hex.replaceAll("\u0000", separator), flags);
}

function truncate(text: string, flags: Flags): string {
  return flags.precision === undefined ? text : Array.from(text).slice(0, flags.precision).join("");
}

function pad(text: string, flags: Flags): string {
  if (flags.width === undefined) return text;
  const missing = flags.width - runesOf(text).length;
  if (missing <= 0) return text;
  if (flags.minus) return text + " ".repeat(missing);
  return (flags.zero ? "0" : " ").repeat(missing) + text;
}
