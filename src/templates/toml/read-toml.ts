import { parseFloat64, parseInt64 } from "../value/parse-number.ts";
import { Integer } from "../value/value.ts";
import type { GoMap, Value } from "../value/value.ts";
import { findTomlTime } from "./time-value.ts";
import { readTomlString } from "./read-string.ts";
import { TomlReader } from "./toml-reader.ts";

const MAX_DEPTH = 500;

/** A TOML document as a map; integers are int64. @throws {FunctionError} */
export function readToml(text: string): Value {
  return new TomlParser(text).parse();
}

class TomlParser {
  readonly #reader: TomlReader;
  readonly #root: GoMap = new Map();
  /** Tables that a header has opened; opening one again is an error. */
  readonly #opened = new Set<GoMap>();
  readonly #tableLists = new WeakSet<Value[]>();
  readonly #closed = new WeakSet<object>();

  constructor(text: string) {
    this.#reader = new TomlReader(text);
  }

  parse(): GoMap {
    let table = this.#root;
    for (this.#reader.skipSpace(); !this.#reader.isAtEnd; this.#reader.skipSpace()) {
      if (this.#reader.peek() === "[") table = this.#header();
      else this.#assignment(table, 0);
      this.#reader.endLine();
    }
    return this.#root;
  }

  #header(): GoMap {
    const isList = this.#reader.take("[[");
    if (!isList) this.#reader.expect("[");
    const path = this.#path();
    this.#reader.expect(isList ? "]]" : "]");
    const last = path.pop() ?? "";
    const parent = path.reduce((table, key) => this.#descend(table, key), this.#root);
    return isList ? this.#append(parent, last) : this.#open(parent, last);
  }

  #open(parent: GoMap, key: string): GoMap {
    const table = this.#descend(parent, key);
    if (this.#opened.has(table)) this.#reader.fail(`table "${key}" is already defined`);
    this.#opened.add(table);
    return table;
  }

  #append(parent: GoMap, key: string): GoMap {
    const existing = parent.get(key);
    const list = Array.isArray(existing) && this.#tableLists.has(existing) ? existing : undefined;
    if (parent.has(key) && !list) this.#reader.fail(`key "${key}" is already defined`);
    const table: GoMap = new Map();
    const tables = list ?? [];
    tables.push(table);
    this.#tableLists.add(tables);
    parent.set(key, tables);
    return table;
  }

  /** The table under a key, which is made when there is none; of a list of tables its last one. */
  #descend(table: GoMap, key: string): GoMap {
    const existing = table.get(key);
    const inner = Array.isArray(existing) && this.#tableLists.has(existing) ? existing.at(-1) : existing;
    if (inner instanceof Map && !this.#closed.has(inner)) return inner;
    if (table.has(key)) this.#reader.fail(`key "${key}" is already defined`);
    const created: GoMap = new Map();
    table.set(key, created);
    return created;
  }

  #assignment(table: GoMap, depth: number): void {
    const path = this.#path();
    this.#reader.expect("=");
    this.#reader.skipBlanks();
    const value = this.#value(depth);
    const last = path.pop() ?? "";
    const parent = path.reduce((inner, key) => this.#descend(inner, key), table);
    if (parent.has(last)) this.#reader.fail(`key "${last}" is already defined`);
    parent.set(last, value);
  }

  #path(): string[] {
    const path: string[] = [];
    do {
      this.#reader.skipBlanks();
      path.push(this.#key());
      this.#reader.skipBlanks();
    } while (this.#reader.take("."));
    return path;
  }

  #key(): string {
    const quote = this.#reader.peek();
    if (quote === '"' || quote === "'") return readTomlString(this.#reader, false);
    return this.#reader.match(/[A-Za-z0-9_-]+/y)?.[0] ?? this.#reader.fail("expected a key");
  }

  #value(depth: number): Value {
    if (depth > MAX_DEPTH) this.#reader.fail("value is nested too deeply");
    switch (this.#reader.peek()) {
      case '"':
      case "'":
        return readTomlString(this.#reader, true);
      case "[":
        return this.#list(depth);
      case "{":
        return this.#inlineTable(depth);
      default:
        return this.#simple();
    }
  }

  #list(depth: number): Value {
    this.#reader.expect("[");
    const items: Value[] = [];
    for (;;) {
      this.#reader.skipSpace();
      if (this.#reader.take("]")) return items;
      items.push(this.#value(depth + 1));
      this.#reader.skipSpace();
      if (this.#reader.take(",")) continue;
      this.#reader.expect("]");
      return items;
    }
  }

  #inlineTable(depth: number): Value {
    this.#reader.expect("{");
    const table: GoMap = new Map();
    this.#reader.skipSpace();
    while (!this.#reader.take("}")) {
      this.#assignment(table, depth + 1);
      this.#reader.skipSpace();
      if (this.#reader.peek() === "}") continue;
      this.#reader.expect(",");
      this.#reader.skipSpace();
    }
    this.#closed.add(table);
    return table;
  }

  #simple(): Value {
    const word = this.#reader.match(/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[^\s,\]}#]*|[^\s,\]}#]+/y)?.[0] ?? "";
    if (word === "true" || word === "false") return word === "true";
    const special = /^([+-]?)(inf|nan)$/.exec(word);
    if (special) return special[2] === "nan" ? Number.NaN : special[1] === "-" ? -Infinity : Infinity;
    const time = findTomlTime(word);
    if (time !== undefined) return time;
    if (/^[+-]?(?:0|[1-9](?:_?[0-9])*)$|^0(?:x[0-9a-f_]+|o[0-7_]+|b[01_]+)$/i.test(word)) return this.#integer(word);
    if (!/^[+-]?(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9](?:_?[0-9])*)?(?:e[+-]?[0-9](?:_?[0-9])*)?$/i.test(word)) {
      return this.#reader.fail(`expected value but found "${word}" instead`);
    }
    const number = parseFloat64(word.replaceAll("_", ""));
    return typeof number === "number" ? number : this.#reader.fail(`${word} is out of range for float64`);
  }

  #integer(word: string): Value {
    const parsed = parseInt64(word.replace(/^\+/, ""), 0);
    return typeof parsed === "bigint"
      ? new Integer("int64", parsed)
      : this.#reader.fail(`${word} is out of range for int64`);
  }
}
