import { FunctionError } from "../error.ts";
import { isByteEscape } from "../value/bytes.ts";
import { formatFloat } from "../value/float.ts";
import { sortedEntries } from "../value/print.ts";
import { findItems, GoObject, Integer, TypedList } from "../value/value.ts";
import type { GoMap, Value } from "../value/value.ts";

export interface JsonOptions {
  /** Writes `<`, `>` and `&` as escapes, as Go does unless told otherwise. */
  readonly escapesHtml: boolean;
  /** Blanks of one level; none for everything on one line. */
  readonly indent: string;
}

// oxlint-disable-next-line no-control-regex
const SPECIAL = /["\\\u0000-\u001f\u2028\u2029]|[\ud800-\udfff]/gu;
// oxlint-disable-next-line no-control-regex
const SPECIAL_OR_HTML = /["\\\u0000-\u001f\u2028\u2029<>&]|[\ud800-\udfff]/gu;
const MAX_DEPTH = 1000;
const NAMED: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** Go's `json.Marshal`. @throws {FunctionError} when a number is not finite or the value is nested too deeply. */
export function writeJson(value: Value, { escapesHtml, indent }: JsonOptions): string {
  return new JsonWriter(escapesHtml, indent).write(value, 0);
}

class JsonWriter {
  readonly #special: RegExp;
  readonly #indent: string;

  constructor(escapesHtml: boolean, indent: string) {
    this.#special = escapesHtml ? SPECIAL_OR_HTML : SPECIAL;
    this.#indent = indent;
  }

  write(value: Value, depth: number): string {
    if (depth > MAX_DEPTH) throw new FunctionError("json: value is nested too deeply");
    switch (typeof value) {
      case "string":
        return this.#string(value);
      case "number":
        return renderJsonNumber(value);
      case "bigint":
      case "boolean":
        return String(value);
      case "function":
      case "object":
      case "symbol":
      case "undefined":
      default:
        return this.#object(value, depth);
    }
  }

  #object(value: Exclude<Value, string | number | bigint | boolean>, depth: number): string {
    if (value === undefined || value === null) return "null";
    if (value instanceof Integer) return String(value.value);
    if (value instanceof GoObject) return this.write(value.toPlain(), depth + 1);
    if (value instanceof Map) return this.#map(value, depth);
    if (value instanceof TypedList && value.isNil) return "null";
    const items = (findItems(value) ?? []).map((item) => this.write(item, depth + 1));
    return this.#bracket("[", "]", items, depth);
  }

  #map(map: GoMap, depth: number): string {
    const colon = this.#indent === "" ? ":" : ": ";
    const entries = sortedEntries(map).map(([key, item]) => this.#string(key) + colon + this.write(item, depth + 1));
    return this.#bracket("{", "}", entries, depth);
  }

  #bracket(open: string, close: string, items: readonly string[], depth: number): string {
    if (items.length === 0 || this.#indent === "") return open + items.join(",") + close;
    const inner = `\n${this.#indent.repeat(depth + 1)}`;
    return `${open}${inner}${items.join(`,${inner}`)}\n${this.#indent.repeat(depth)}${close}`;
  }

  #string(text: string): string {
    return `"${text.replace(this.#special, (character) => {
      const code = character.codePointAt(0) ?? 0;
      if (isByteEscape(code)) return "\\ufffd";
      return NAMED[character] ?? (code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : character);
    })}"`;
  }
}

/** A float as JSON: the exponent form only for the very small and the very large. */
export function renderJsonNumber(value: number): string {
  if (!Number.isFinite(value)) throw new FunctionError(`json: unsupported value: ${formatFloat(value, "g", -1)}`);
  const magnitude = Math.abs(value);
  const isExponential = magnitude !== 0 && (magnitude < 1e-6 || magnitude >= 1e21);
  return isExponential ? formatFloat(value, "e", -1).replace(/e-0(\d)$/, "e-$1") : formatFloat(value, "f", -1);
}
