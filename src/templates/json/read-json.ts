import { FunctionError } from "../error.ts";
import { fromJavaScript } from "../value/bytes.ts";
import { quoteRune } from "../value/quote.ts";
import type { GoMap, Value } from "../value/value.ts";

const MAX_DEPTH = 10_000;
const ESCAPES: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/** Go's `json.Unmarshal` into an interface: numbers are float64. @throws {FunctionError} with Go's message. */
export function readJson(text: string): Value {
  return new JsonReader(text).read();
}

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Value {
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail("after top-level value");
    return value;
  }

  #value(depth: number): Value {
    if (depth > MAX_DEPTH) throw new FunctionError("exceeded max depth");
    this.#skipSpace();
    const character = this.#text[this.#at] ?? "";
    switch (character) {
      case "{":
        return this.#map(depth);
      case "[":
        return this.#list(depth);
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return /[-0-9]/.test(character) ? this.#number() : this.#fail("looking for beginning of value");
    }
  }

  #word(word: string, value: boolean | null): Value {
    for (const letter of word.slice(1)) {
      this.#at++;
      if (this.#text[this.#at] !== letter) this.#fail(`in literal ${word} (expecting ${quoteRune(letter)})`);
    }
    this.#at++;
    return value;
  }

  #number(): number {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (!match) {
      this.#at++;
      return this.#fail("in numeric literal");
    }
    this.#at += match[0].length;
    this.#refuseUnfinishedNumber(match[0]);
    const number = Number(match[0]);
    if (!Number.isFinite(number))
      throw new FunctionError(`json: cannot unmarshal number ${match[0]} into Go value of type float64`);
    return number;
  }

  #refuseUnfinishedNumber(number: string): void {
    const rest = /^(?:\.|[eE][+-]?)/.exec(this.#text.slice(this.#at, this.#at + 2));
    if (!rest || (/[.eE]/.test(number) && rest[0] === ".")) return;
    this.#at += rest[0].length;
    this.#fail(rest[0] === "." ? "after decimal point in numeric literal" : "in exponent of numeric literal");
  }

  #list(depth: number): Value {
    this.#at++;
    const items: Value[] = [];
    this.#skipSpace();
    if (this.#take("]")) return items;
    for (;;) {
      items.push(this.#value(depth + 1));
      this.#skipSpace();
      if (this.#take("]")) return items;
      if (!this.#take(",")) this.#fail("after array element");
    }
  }

  #map(depth: number): Value {
    this.#at++;
    const map: GoMap = new Map();
    this.#skipSpace();
    if (this.#take("}")) return map;
    for (;;) {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') this.#fail("looking for beginning of object key string");
      const key = this.#string();
      this.#skipSpace();
      if (!this.#take(":")) this.#fail("after object key");
      map.set(key, this.#value(depth + 1));
      this.#skipSpace();
      if (this.#take("}")) return map;
      if (!this.#take(",")) this.#fail("after object key:value pair");
    }
  }

  #string(): string {
    this.#at++;
    let text = "";
    for (;;) {
      const start = this.#at;
      // oxlint-disable-next-line no-control-regex
      while (/[^"\\\u0000-\u001f]/.test(this.#text[this.#at] ?? "")) this.#at++;
      text += this.#text.slice(start, this.#at);
      if (this.#take('"')) return fromJavaScript(text);
      if (!this.#take("\\")) this.#fail("in string literal");
      text += this.#escape();
    }
  }

  #escape(): string {
    const character = this.#text[this.#at] ?? "";
    if (character === "u") return this.#unicode();
    const plain = ESCAPES[character] ?? ('"\\/'.includes(character) && character !== "" ? character : undefined);
    if (plain === undefined) return this.#fail("in string escape code");
    this.#at++;
    return plain;
  }

  #unicode(): string {
    for (let digit = 0; digit < 4; digit++) {
      this.#at++;
      if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? "")) this.#fail("in \\u hexadecimal character escape");
    }
    this.#at++;
    return String.fromCharCode(Number.parseInt(this.#text.slice(this.#at - 4, this.#at), 16));
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    while (" \t\r\n".includes(this.#text[this.#at] ?? "?")) this.#at++;
  }

  #fail(context: string): never {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) throw new FunctionError("unexpected end of JSON input");
    const character = String.fromCodePoint(code);
    const shown = character === "'" ? "'\\''" : quoteRune(character);
    throw new FunctionError(`invalid character ${shown} ${context}`);
  }
}
