import type { Escape } from "./logical-line.ts";

/** A word taken apart: what is literal and what is a variable. */
export type WordPart =
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: "variable";
      readonly name: string;
      readonly quoted: boolean;
      readonly start: number;
      readonly modifier?: Modifier;
    };

/** What stands after the name in `${name…}`. */
export type Modifier =
  | { readonly kind: "default" | "alternative" | "required"; readonly emptyIsUnset: boolean; readonly word: Parts }
  | { readonly kind: "prefix" | "suffix"; readonly longest: boolean; readonly pattern: Parts }
  | { readonly kind: "replace"; readonly all: boolean; readonly pattern: Parts; readonly replacement: Parts };

export type Parts = readonly WordPart[];

/** A word is not well-formed: an unterminated quote or brace, or an operator that does not exist. */
export class WordError extends Error {
  /** In the word. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*|[0-9]+/y;
const CONDITIONS = { "-": "default", "+": "alternative", "?": "required" } as const;

/** @throws {WordError} */
export function parseWord(text: string, escape: Escape): Parts {
  return new WordParser(text, escape).parse();
}

/** The content of a heredoc: quotes are part of it, an escape character only escapes a dollar and itself. */
export function parseDocument(text: string, escape: Escape): Parts {
  return new WordParser(text, escape).parseDocument();
}

class WordParser {
  readonly #text: string;
  readonly #escape: Escape;
  #offset = 0;

  constructor(text: string, escape: Escape) {
    this.#text = text;
    this.#escape = escape;
  }

  parse(): Parts {
    return this.#partsUntil("");
  }

  parseDocument(): Parts {
    const parts: WordPart[] = [];
    while (this.#offset < this.#text.length) {
      if (this.#peek() === "$") parts.push(this.#dollar(true));
      else if (this.#peek() === this.#escape) parts.push(this.#documentEscape());
      else parts.push({ kind: "text", text: this.#takeUntil(`$${this.#escape}`), quoted: true });
    }
    return parts;
  }

  #documentEscape(): WordPart {
    const next = this.#text[this.#offset + 1] ?? "";
    if (next === "$" || next === this.#escape) this.#offset++;
    return { kind: "text", text: this.#take(1), quoted: true };
  }

  #takeUntil(stops: string): string {
    let length = 0;
    while (this.#offset + length < this.#text.length && !stops.includes(this.#text[this.#offset + length] ?? ""))
      length++;
    return this.#take(length);
  }

  /** Parts up to one of the characters in `stops`, which is not consumed; with none, up to the end. */
  #partsUntil(stops: string): Parts {
    const parts: WordPart[] = [];
    while (this.#offset < this.#text.length) {
      const character = this.#peek();
      if (stops.includes(character)) return parts;
      if (character === "'") parts.push(this.#singleQuoted());
      else if (character === '"') parts.push(...this.#doubleQuoted());
      else if (character === "$") parts.push(this.#dollar(false));
      else if (character === this.#escape) parts.push(...this.#escaped());
      else parts.push({ kind: "text", text: this.#take(1), quoted: false });
    }
    if (stops !== "") throw new WordError(`A "}" is missing`, this.#offset);
    return parts;
  }

  #singleQuoted(): WordPart {
    const start = this.#offset++;
    const end = this.#text.indexOf("'", this.#offset);
    if (end < 0) throw new WordError("The closing ' is missing", start);
    const text = this.#text.slice(this.#offset, end);
    this.#offset = end + 1;
    return { kind: "text", text, quoted: true };
  }

  #doubleQuoted(): WordPart[] {
    const start = this.#offset++;
    const parts: WordPart[] = [{ kind: "text", text: "", quoted: true }];
    for (;;) {
      const character = this.#peek();
      if (character === "") throw new WordError('The closing " is missing', start);
      if (character === '"') break;
      if (character === "$") parts.push(this.#dollar(true));
      else parts.push({ kind: "text", text: this.#quotedCharacter(), quoted: true });
    }
    this.#offset++;
    return parts;
  }

  /** Within double quotes an escape character only escapes a quote, a dollar and itself. */
  #quotedCharacter(): string {
    const next = this.#text[this.#offset + 1] ?? "";
    const isEscaped = this.#peek() === this.#escape && (next === '"' || next === "$" || next === this.#escape);
    if (isEscaped) this.#offset++;
    return this.#take(1);
  }

  /** An escape character at the very end stands for nothing. */
  #escaped(): WordPart[] {
    this.#offset++;
    const text = this.#take(1);
    return text === "" ? [] : [{ kind: "text", text, quoted: true }];
  }

  #dollar(quoted: boolean): WordPart {
    const start = this.#offset++;
    if (this.#peek() === "{") return this.#braced(start, quoted);
    const name = this.#name();
    if (name === "") return { kind: "text", text: "$", quoted };
    return { kind: "variable", name, quoted, start };
  }

  #braced(start: number, quoted: boolean): WordPart {
    this.#offset++;
    const name = this.#name();
    if (name === "") throw new WordError(`A variable's name is missing after "\${"`, start);
    const modifier = this.#peek() === "}" ? undefined : this.#modifier(start);
    this.#offset++;
    return { kind: "variable", name, quoted, start, ...(modifier ? { modifier } : {}) };
  }

  #modifier(start: number): Modifier {
    const operator = this.#take(1);
    if (operator === "") throw new WordError(`A "}" is missing`, start);
    if (operator === ":") return this.#condition(this.#take(1), true, start);
    if (operator === "#" || operator === "%") {
      const longest = this.#takeIf(operator);
      const kind = operator === "#" ? "prefix" : "suffix";
      return { kind, longest, pattern: this.#partsUntil("}") };
    }
    if (operator === "/") return this.#replacement();
    return this.#condition(operator, false, start);
  }

  #condition(operator: string, emptyIsUnset: boolean, start: number): Modifier {
    if (operator !== "-" && operator !== "+" && operator !== "?") {
      throw new WordError(`"${emptyIsUnset ? ":" : ""}${operator}" is not an operator`, start);
    }
    return { kind: CONDITIONS[operator], emptyIsUnset, word: this.#partsUntil("}") };
  }

  #replacement(): Modifier {
    const all = this.#takeIf("/");
    const pattern = this.#partsUntil("/}");
    if (!this.#takeIf("/")) return { kind: "replace", all, pattern, replacement: [] };
    return { kind: "replace", all, pattern, replacement: this.#partsUntil("}") };
  }

  #name(): string {
    NAME.lastIndex = this.#offset;
    const name = NAME.exec(this.#text)?.[0] ?? "";
    this.#offset += name.length;
    return name;
  }

  #peek(): string {
    return this.#text[this.#offset] ?? "";
  }

  #take(length: number): string {
    const text = this.#text.slice(this.#offset, this.#offset + length);
    this.#offset += length;
    return text;
  }

  #takeIf(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#offset++;
    return true;
  }
}
