import type { GoMap, Value } from "../value/value.ts";
import { resolvePlain } from "./resolve.ts";
import { doubleQuotedValue, NotSimple, plainValue, singleQuotedValue } from "./simple-scalar.ts";

const MAX_DEPTH = 100;
/** Plain words with nothing in them that means something in a flow collection. */
const PLAIN = /[A-Za-z0-9_./+-](?: ?[A-Za-z0-9_./+@=$%*;<>()~^|-])*/y;
const DOUBLE_QUOTED = /"((?:[^"\\]|\\["\\/nt])*)"/y;
const SINGLE_QUOTED = /'((?:[^']|'')*)'/y;

/** Reads a flow collection that stands on one line: `{a: 1, b: [x, "y"]}`. @throws {NotSimple} */
export function readSimpleFlow(text: string): Value {
  return new FlowReader(text).document();
}

class FlowReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Value {
    const value = this.#value(0);
    if (!/^(?: +#.*)?$/.test(this.#text.slice(this.#at))) throw new NotSimple();
    return value;
  }

  #value(depth: number): Value {
    if (depth > MAX_DEPTH) throw new NotSimple();
    const first = this.#text[this.#at];
    if (first === "{") return this.#map(depth);
    if (first === "[") return this.#list(depth);
    return this.#quoted() ?? plainValue(this.#match(PLAIN));
  }

  #map(depth: number): GoMap {
    const map: GoMap = new Map();
    this.#items("}", () => {
      const key = this.#key();
      if (!this.#text.startsWith(": ", this.#at)) throw new NotSimple();
      this.#at++;
      this.#skipBlanks();
      map.set(key, this.#value(depth + 1));
    });
    return map;
  }

  #list(depth: number): readonly Value[] {
    const items: Value[] = [];
    this.#items("]", () => items.push(this.#value(depth + 1)));
    return items;
  }

  /** From the opening bracket to behind the closing one; a comma before the latter is not simple. */
  #items(close: string, readItem: () => void): void {
    this.#at++;
    this.#skipBlanks();
    if (this.#take(close)) return;
    do {
      this.#skipBlanks();
      readItem();
      this.#skipBlanks();
    } while (this.#take(","));
    if (!this.#take(close)) throw new NotSimple();
  }

  #key(): string {
    const quoted = this.#quoted();
    if (quoted !== undefined) return quoted;
    const key = this.#match(PLAIN);
    if (resolvePlain(key).tag !== "str") throw new NotSimple();
    return key;
  }

  #quoted(): string | undefined {
    const quote = this.#text[this.#at];
    if (quote === '"') return doubleQuotedValue(this.#match(DOUBLE_QUOTED).slice(1, -1));
    return quote === "'" ? singleQuotedValue(this.#match(SINGLE_QUOTED).slice(1, -1)) : undefined;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw new NotSimple();
    this.#at += found.length;
    return found;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skipBlanks(): void {
    while (this.#text[this.#at] === " ") this.#at++;
  }
}
