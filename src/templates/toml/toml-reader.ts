import { FunctionError } from "../error.ts";

/** A position in a TOML document. */
export class TomlReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text.replaceAll("\r\n", "\n");
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  peek(): string {
    return this.#text[this.#at] ?? "";
  }

  startsWith(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  take(text: string): boolean {
    if (!this.startsWith(text)) return false;
    this.#at += text.length;
    return true;
  }

  expect(text: string): void {
    if (!this.take(text)) this.fail(`expected "${text}"`);
  }

  next(): string {
    const character = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    this.#at += character.length;
    return character;
  }

  /** What a sticky pattern matches here; the text is taken. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (!match) return undefined;
    this.#at += match[0].length;
    return match;
  }

  skipBlanks(): void {
    this.match(/[ \t]*/y);
  }

  /** Blanks, line breaks and comments. */
  skipSpace(): void {
    this.match(/(?:[ \t\n]|#[^\n]*)*/y);
  }

  endLine(): void {
    this.match(/[ \t]*(?:#[^\n]*)?/y);
    if (!this.isAtEnd && !this.take("\n")) this.fail("expected a line break");
  }

  fail(problem: string): never {
    const line = this.#text.slice(0, this.#at).split("\n").length;
    throw new FunctionError(`toml: line ${line}: ${problem}`);
  }
}
