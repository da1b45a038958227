import { FunctionError } from "../error.ts";
import { formatFloat } from "../value/float.ts";
import { kindOf } from "../value/kind.ts";
import { sortedEntries } from "../value/print.ts";
import { findItems, GoObject, Integer } from "../value/value.ts";
import type { Value } from "../value/value.ts";

const MAX_DEPTH = 500;
const NAMED: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
};

/** The value as BurntSushi's encoder writes it: simple values of a table first, then tables. @throws {FunctionError} */
export function writeToml(value: Value): string {
  const plain = value instanceof GoObject ? value.toPlain() : value;
  const writer = new TomlWriter();
  if (plain instanceof Map) writer.table([], plain);
  else writer.document(plain);
  return writer.toString();
}

class TomlWriter {
  #text = "";

  toString(): string {
    return this.#text;
  }

  document(value: Value): void {
    if (isTableList(value)) throw new FunctionError("toml: top-level values must be Go maps or structs");
    this.#text += this.#element(value, 0);
  }

  table(key: readonly string[], map: ReadonlyMap<string, Value>): void {
    if (key.length > MAX_DEPTH) throw new FunctionError("toml: value is nested too deeply");
    const entries = sortedEntries(map).filter(([, item]) => item !== null && item !== undefined);
    for (const [name, item] of entries.filter(([, entry]) => !isTable(entry))) {
      this.#text += `${indent([...key, name])}${renderKey(name)} = ${this.#element(item, 0)}\n`;
    }
    for (const [name, item] of entries.filter(([, entry]) => isTable(entry))) this.#sub([...key, name], item);
  }

  #sub(key: readonly string[], value: Value): void {
    const plain = value instanceof GoObject ? value.toPlain() : value;
    const name = key.map(renderKey).join(".");
    if (plain instanceof Map) {
      if (key.length === 1 && this.#text !== "") this.#text += "\n";
      this.#text += `${indent(key)}[${name}]\n`;
      this.table(key, plain);
      return;
    }
    for (const item of findItems(plain) ?? []) {
      if (!(item instanceof Map)) continue;
      if (this.#text !== "") this.#text += "\n";
      this.#text += `${indent(key)}[[${name}]]\n`;
      this.table(key, item);
    }
  }

  #element(value: Value, depth: number): string {
    if (depth > MAX_DEPTH) throw new FunctionError("toml: value is nested too deeply");
    if (typeof value === "string") return quote(value);
    if (typeof value === "number") return renderNumber(value);
    if (typeof value === "bigint" || typeof value === "boolean") return String(value);
    if (value instanceof Integer) return String(value.value);
    if (value instanceof GoObject) return this.#element(value.toPlain(), depth + 1);
    if (value instanceof Map) return this.#inline(value, depth);
    const items = findItems(value);
    if (!items) throw new FunctionError(`toml: unexpected type: ${kindOf(value)}`);
    if (items.some((item) => item === null || item === undefined)) {
      throw new FunctionError("toml: cannot encode array with nil element");
    }
    return `[${items.map((item) => this.#element(item, depth + 1)).join(", ")}]`;
  }

  #inline(map: ReadonlyMap<string, Value>, depth: number): string {
    const entries = sortedEntries(map).filter(([, item]) => item !== null && item !== undefined);
    const ordered = [...entries.filter(([, item]) => !isTable(item)), ...entries.filter(([, item]) => isTable(item))];
    return `{${ordered.map(([key, item]) => `${renderKey(key)} = ${this.#element(item, depth + 1)}`).join(", ")}}`;
  }
}

function isTable(value: Value): boolean {
  return value instanceof Map || isTableList(value);
}

/** A list is written as tables when it holds nothing else. */
function isTableList(value: Value): boolean {
  const items = findItems(value);
  if (!items || items.length === 0) return false;
  if (items.some((item) => item === null || item === undefined)) {
    throw new FunctionError("toml: cannot encode array with nil element");
  }
  return items.every((item) => item instanceof Map);
}

function indent(key: readonly string[]): string {
  return "  ".repeat(key.length - 1);
}

function renderKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : quote(key);
}

function quote(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const escaped = text.replace(/["\\\u0000-\u001f\u007f]/g, (character) => {
    return NAMED[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}

/** A float always shows that it is one. */
function renderNumber(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const text = formatFloat(value, "g", -1);
  return /[e.]/.test(text) ? text : `${text}.0`;
}
