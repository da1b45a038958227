import { FunctionError } from "../error.ts";
import { readJson } from "../json/read-json.ts";
import { parseInt64 } from "../value/parse-number.ts";
import { Integer } from "../value/value.ts";
import type { GoMap, Value } from "../value/value.ts";
import { ChartError } from "./errors.ts";

/** How the text behind the equals sign of `--set` and its like becomes a value. */
export type SetKind = "typed" | "string" | "json" | "literal";

const MAX_INDEX = 65536;
const MAX_DEPTH = 30;

/** The maps of several values files, later ones over earlier ones. */
export function mergeMaps(first: GoMap, second: GoMap): GoMap {
  const merged: GoMap = new Map(first);
  for (const [key, item] of second) {
    const existing = merged.get(key);
    merged.set(key, item instanceof Map && existing instanceof Map ? mergeMaps(existing, item) : item);
  }
  return merged;
}

/** Sets `a.b[0]=x,c={1,2}` in the values, which are changed. @throws {ChartError} */
export function setValues(values: GoMap, text: string, kind: SetKind): void {
  if (kind === "literal") return new Assignments(text, (value) => value, values).literal();
  const convert = kind === "typed" ? typedValue : (value: string): Value => value;
  try {
    new Assignments(text, convert, values).run(kind === "json");
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    throw new ChartError(`Cannot set "${text}": ${error.message}`, { cause: error });
  }
}

/** `--set-file`: the values are paths, and `read` gives what they hold. */
export function setFileValues(values: GoMap, text: string, read: (path: string) => string): void {
  new Assignments(text, read, values).run(false);
}

function typedValue(text: string): Value {
  if (text.toLowerCase() === "true") return true;
  if (text.toLowerCase() === "false") return false;
  if (text.toLowerCase() === "null") return null;
  if (text === "0") return new Integer("int64", 0n);
  const integer = text.startsWith("0") ? "syntax" : parseInt64(text, 10);
  return typeof integer === "bigint" ? new Integer("int64", integer) : text;
}

/** Replaces or adds what a path leads to; `existing` is undefined where there is nothing yet. */
type Update = (existing: Value) => Value;

class Assignments {
  readonly #text: string;
  readonly #convert: (value: string) => Value;
  readonly #values: GoMap;
  #at = 0;

  constructor(text: string, convert: (value: string) => Value, values: GoMap) {
    this.#text = text;
    this.#convert = convert;
    this.#values = values;
  }

  run(isJson: boolean): void {
    while (this.#at < this.#text.length) {
      const path = this.#path();
      const value = isJson ? this.#json() : this.#value();
      this.#assign(path, () => value);
    }
  }

  /** One assignment whose value is all the rest, as it is. */
  literal(): void {
    const path = this.#path();
    this.#assign(path, () => this.#text.slice(this.#at));
  }

  /** Keys and list indexes up to the equals sign. */
  #path(): readonly (string | number)[] {
    const path: (string | number)[] = [];
    for (let isBehindIndex = false; ;) {
      const { text, end } = this.#until(isBehindIndex ? "=[." : "=[,.");
      if (isBehindIndex && text !== "") this.#fail(`unexpected data at end of array index: "${text}"`);
      if (!isBehindIndex) path.push(text);
      if (end === "") this.#fail(`key "${text}" has no value`);
      if (end === ",") this.#fail(`key "${text}" has no value (cannot end with ,)`);
      if (path.length > MAX_DEPTH) {
        this.#fail(`value name nested level is greater than maximum supported nested level of ${MAX_DEPTH}`);
      }
      if (end === "=") return path;
      isBehindIndex = end === "[";
      if (isBehindIndex) path.push(this.#index());
    }
  }

  #index(): number {
    const { text } = this.#until("]");
    const index = /^[+-]?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(index)) this.#fail(`error parsing index: "${text}"`);
    if (index < 0) this.#fail(`negative ${index} index not allowed`);
    if (index > MAX_INDEX) this.#fail(`index of ${index} is greater than maximum supported index of ${MAX_INDEX}`);
    return index;
  }

  #value(): Value {
    if (this.#text[this.#at] !== "{") return this.#convert(this.#until(",").text);
    this.#at++;
    const items: Value[] = [];
    for (;;) {
      const { text, end } = this.#until(",}");
      if (end === "") this.#fail("list must terminate with '}'");
      items.push(this.#convert(text));
      if (end === ",") continue;
      if (this.#text[this.#at] === ",") this.#at++;
      return items;
    }
  }

  /** A JSON value up to the comma behind it; nothing is null. */
  #json(): Value {
    const rest = this.#text.slice(this.#at);
    const blank = /^\s*(?:,|$)/.exec(rest);
    if (blank) {
      this.#at += blank[0].length;
      return null;
    }
    for (const match of `${rest},`.matchAll(/,/g)) {
      const value = tryJson(rest.slice(0, match.index));
      if (value === undefined) continue;
      this.#at += match.index + 1;
      return value;
    }
    return readJson(rest);
  }

  /** Text up to one of the characters, which is taken, too; a backslash takes the next character as it is. */
  #until(stops: string): { readonly text: string; readonly end: string } {
    let text = "";
    while (this.#at < this.#text.length) {
      const character = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
      this.#at += character.length;
      if (stops.includes(character)) return { text, end: character };
      if (character !== "\\") text += character;
      else if (this.#at < this.#text.length) text += this.#text[this.#at++] ?? "";
    }
    return { text, end: "" };
  }

  #assign([first = "", ...rest]: readonly (string | number)[], update: Update): void {
    if (typeof first === "number" || first === "") return;
    this.#values.set(first, this.#updated(this.#values.get(first), rest, update));
  }

  #updated(existing: Value, [key, ...rest]: readonly (string | number)[], update: Update): Value {
    if (key === undefined) return update(existing);
    if (typeof key === "number") {
      if (existing !== undefined && existing !== null && !Array.isArray(existing))
        this.#fail("a list index on what is no list");
      const items: Value[] = Array.isArray(existing) ? [...existing] : [];
      while (items.length <= key) items.push(null);
      items[key] = this.#updated(items[key], rest, update);
      return items;
    }
    if (existing !== undefined && existing !== null && !(existing instanceof Map))
      this.#fail("a key on what is no map");
    const map: GoMap = existing instanceof Map ? new Map(existing) : new Map();
    if (key !== "") map.set(key, this.#updated(map.get(key), rest, update));
    return map;
  }

  #fail(problem: string): never {
    throw new ChartError(`Cannot set "${this.#text}": ${problem}`);
  }
}

function tryJson(text: string): Value {
  try {
    return readJson(text);
  } catch (error) {
    if (error instanceof FunctionError) return undefined;
    throw error;
  }
}
