import { isPrint, quote } from "../value/quote.ts";
import { isKeyword } from "./token.ts";
import type { Token, TokenType } from "./token.ts";

const NEWLINE = 10;
const ASCII_WORD_CHARACTER = /[_0-9A-Za-z]/;
const WORD_CHARACTER = /[_\p{L}\p{Nd}]/u;
const ASCII_WORD = /[_0-9A-Za-z]*/y;
const WORD = /[_\p{L}\p{Nd}]*/uy;
const NUMBER =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y;
const LEFT_TRIM = /-[ \t\r\n]/y;

export interface Delimiters {
  readonly left: string;
  readonly right: string;
}

export interface LexerOptions {
  readonly delimiters: Delimiters;
  /** Whether `break` and `continue` are keywords: not when functions of that name exist. */
  readonly breakIsKeyword: boolean;
  readonly continueIsKeyword: boolean;
}

/** Splits a template into tokens on demand. After an error token only end-of-file tokens follow. */
export class Lexer {
  readonly #source: string;
  readonly #options: LexerOptions;
  #start = 0;
  #at = 0;
  #line = 1;
  #isInsideAction = false;
  #parenthesisDepth = 0;
  #hasFailed = false;

  constructor(source: string, options: LexerOptions) {
    this.#source = source;
    this.#options = options;
  }

  next(): Token {
    if (this.#hasFailed) return { type: "eof", offset: this.#source.length, text: "EOF", line: this.#line };
    return this.#isInsideAction ? this.#insideAction() : this.#text();
  }

  #text(): Token {
    const { left } = this.#options.delimiters;
    for (;;) {
      const found = this.#source.indexOf(left, this.#at);
      const end = found < 0 ? this.#source.length : found;
      const isTrimmed = found >= 0 && matchesAt(LEFT_TRIM, this.#source, found + left.length);
      const textEnd = isTrimmed ? trimEnd(this.#source, this.#start, end) : end;
      if (textEnd > this.#start) {
        this.#at = textEnd;
        const token = this.#token("text");
        this.#skipTo(end);
        return token;
      }
      this.#skipTo(end);
      if (found < 0) return this.#token("eof");
      const token = this.#leftDelimiter();
      if (token) return token;
    }
  }

  /** The delimiter in front of an action; undefined behind a comment. */
  #leftDelimiter(): Token | undefined {
    const { left } = this.#options.delimiters;
    const inner = this.#at + left.length;
    const afterMarker = matchesAt(LEFT_TRIM, this.#source, inner) ? inner + 2 : inner;
    if (this.#source.startsWith("/*", afterMarker)) {
      this.#skipTo(afterMarker);
      return this.#comment();
    }
    this.#at = inner;
    const token = this.#token("left-delimiter");
    this.#skipTo(afterMarker);
    this.#isInsideAction = true;
    this.#parenthesisDepth = 0;
    return token;
  }

  #comment(): Token | undefined {
    const close = this.#source.indexOf("*/", this.#at + 2);
    if (close < 0) return this.#error("unclosed comment");
    this.#at = close + 2;
    const delimiter = this.#rightDelimiterAt(this.#at);
    if (!delimiter) return this.#error("comment ends before closing delimiter");
    this.#skipTo(delimiter.isTrimmed ? skipSpace(this.#source, delimiter.end) : delimiter.end);
    return undefined;
  }

  #rightDelimiterAt(at: number): { readonly end: number; readonly isTrimmed: boolean } | undefined {
    const { right } = this.#options.delimiters;
    const isMarked = isSpaceCode(this.#source.charCodeAt(at)) && this.#source[at + 1] === "-";
    if (isMarked && this.#source.startsWith(right, at + 2)) return { end: at + 2 + right.length, isTrimmed: true };
    return this.#source.startsWith(right, at) ? { end: at + right.length, isTrimmed: false } : undefined;
  }

  #rightDelimiter(delimiter: { readonly end: number; readonly isTrimmed: boolean }): Token {
    if (delimiter.isTrimmed) this.#skipTo(this.#at + 2);
    this.#at = delimiter.end;
    const token = this.#token("right-delimiter");
    if (delimiter.isTrimmed) this.#skipTo(skipSpace(this.#source, this.#at));
    this.#isInsideAction = false;
    return token;
  }

  #insideAction(): Token {
    const delimiter = this.#rightDelimiterAt(this.#at);
    if (delimiter) {
      return this.#parenthesisDepth === 0 ? this.#rightDelimiter(delimiter) : this.#error("unclosed left paren");
    }
    const code = this.#source.charCodeAt(this.#at);
    if (Number.isNaN(code)) return this.#error("unclosed action");
    if (isSpaceCode(code)) return this.#space();
    if (isNumberStart(code)) return this.#number();
    const character = code < 0x80 ? String.fromCharCode(code) : this.#peek();
    if (isWordCharacter(character)) return this.#identifier();
    this.#at += character.length;
    return this.#punctuation(character);
  }

  #punctuation(character: string): Token {
    switch (character) {
      case "=":
        return this.#token("=");
      case "|":
        return this.#token("|");
      case ":":
        if (this.#peek() !== "=") {
          this.#at += this.#peek().length;
          return this.#error("expected :=");
        }
        this.#at++;
        return this.#token(":=");
      case '"':
        return this.#quoted('"', "string", "unterminated quoted string");
      case "'":
        return this.#quoted("'", "character", "unterminated character constant");
      case "`":
        return this.#rawString();
      case "$":
        return this.#isAtTerminator() ? this.#token("variable") : this.#fieldOrVariable("variable");
      case ".":
        return this.#dot();
      case "(":
        this.#parenthesisDepth++;
        return this.#token("(");
      case ")":
        if (--this.#parenthesisDepth < 0) return this.#error("unexpected right paren");
        return this.#token(")");
      default:
        if (/[!-~]/.test(character)) return this.#token("char");
        return this.#error(`unrecognized character in action: ${renderCodePoint(character)}`);
    }
  }

  #dot(): Token {
    if (/[0-9]/.test(this.#peek())) {
      this.#at--;
      return this.#number();
    }
    return this.#isAtTerminator() ? this.#token(".") : this.#fieldOrVariable("field");
  }

  #space(): Token {
    const start = this.#at;
    this.#at = skipSpace(this.#source, this.#at);
    const delimiter = this.#rightDelimiterAt(this.#at - 1);
    if (delimiter?.isTrimmed) {
      this.#at--;
      if (this.#at === start) return this.#rightDelimiter(delimiter);
    }
    return this.#token("space");
  }

  #identifier(): Token {
    this.#takeWord();
    const word = this.#source.slice(this.#start, this.#at);
    if (!this.#isAtTerminator()) return this.#badCharacter();
    if (word === "true" || word === "false") return this.#token("bool");
    const isFunction =
      (word === "break" && !this.#options.breakIsKeyword) || (word === "continue" && !this.#options.continueIsKeyword);
    return this.#token(isKeyword(word) && !isFunction ? word : "identifier");
  }

  #fieldOrVariable(type: "field" | "variable"): Token {
    this.#takeWord();
    return this.#isAtTerminator() ? this.#token(type) : this.#badCharacter();
  }

  #badCharacter(): Token {
    return this.#error(`bad character ${renderCodePoint(this.#peek())}`);
  }

  #takeWord(): void {
    this.#takeRun(ASCII_WORD);
    if (this.#source.charCodeAt(this.#at) > 0x7f) this.#takeRun(WORD);
  }

  #takeRun(pattern: RegExp): void {
    pattern.lastIndex = this.#at;
    pattern.test(this.#source);
    this.#at = pattern.lastIndex;
  }

  /** Whether what follows may stand behind a word: `$x+2` is refused. */
  #isAtTerminator(): boolean {
    const character = this.#source[this.#at];
    if (character === undefined || " \t\r\n.,|:)(".includes(character)) return true;
    return this.#source.startsWith(this.#options.delimiters.right, this.#at);
  }

  #quoted(delimiter: string, type: TokenType, problem: string): Token {
    for (;;) {
      const character = this.#source[this.#at++];
      if (character === delimiter) return this.#token(type);
      const escaped = character === "\\" ? this.#source[this.#at++] : character;
      if (escaped === undefined || escaped === "\n") return this.#error(problem);
    }
  }

  #rawString(): Token {
    const close = this.#source.indexOf("`", this.#at);
    if (close < 0) return this.#error("unterminated raw quoted string");
    this.#at = close + 1;
    return this.#token("raw-string");
  }

  #number(): Token {
    if (!this.#takeNumber()) return this.#badNumber();
    if (this.#peek() !== "+" && this.#peek() !== "-") return this.#token("number");
    if (!this.#takeNumber() || this.#source[this.#at - 1] !== "i") return this.#badNumber();
    return this.#token("complex");
  }

  #badNumber(): Token {
    return this.#error(`bad number syntax: ${quote(this.#source.slice(this.#start, this.#at))}`);
  }

  /** Takes what looks like a number; the parser finds out whether it is one. */
  #takeNumber(): boolean {
    this.#takeRun(NUMBER);
    const next = this.#peek();
    if (!isWordCharacter(next)) return true;
    this.#at += next.length;
    return false;
  }

  #peek(): string {
    const code = this.#source.codePointAt(this.#at);
    return code === undefined ? "" : String.fromCodePoint(code);
  }

  #token(type: TokenType): Token {
    const text = this.#source.slice(this.#start, this.#at);
    const token: Token = { type, offset: this.#start, text, line: this.#line };
    this.#skipTo(this.#at);
    return token;
  }

  #skipTo(end: number): void {
    for (let at = this.#start; at < end; at++) if (this.#source.charCodeAt(at) === NEWLINE) this.#line++;
    this.#start = end;
    this.#at = end;
  }

  #error(message: string): Token {
    this.#hasFailed = true;
    return { type: "error", offset: this.#start, text: message, line: this.#line };
  }
}

function isSpaceCode(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === NEWLINE;
}

/** A digit or a sign. */
function isNumberStart(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2d;
}

/** The Unicode classes are slow to start with and rarely needed. */
function isWordCharacter(character: string): boolean {
  return ASCII_WORD_CHARACTER.test(character) || (character > "\u007f" && WORD_CHARACTER.test(character));
}

function matchesAt(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

function skipSpace(text: string, at: number): number {
  let end = at;
  while (isSpaceCode(text.charCodeAt(end))) end++;
  return end;
}

function trimEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isSpaceCode(text.charCodeAt(at - 1))) at--;
  return at;
}

/** As Go's `%#U`. */
function renderCodePoint(character: string): string {
  const code = character === "" ? -1 : (character.codePointAt(0) ?? 0);
  if (code < 0) return "U+FFFFFFFFFFFFFFFF";
  const digits = code.toString(16).toUpperCase().padStart(4, "0");
  return isPrint(character) ? `U+${digits} '${character}'` : `U+${digits}`;
}
