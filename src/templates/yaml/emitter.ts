import { analyze, escapeCharacter, isBreak } from "./scalar.ts";

export interface EmitterOptions {
  /** Column behind which lines are folded at the next blank. */
  readonly width: number;
  /** Whether a list under a key is indented by one level. */
  readonly indentsLists: boolean;
  /** Whether a text of several lines with tabs is written as a block. */
  readonly keepsTabs: boolean;
}

export type ScalarStyle = "plain" | "double" | "literal";
type ChosenStyle = ScalarStyle | "single";

const INDENT = 2;
const ONE_LINE = /^[\u0020-\u007e]*$/;

/** Writes YAML in block style with the layout decisions of libyaml. */
export class Emitter {
  readonly #options: EmitterOptions;
  readonly #parts: string[] = [];
  #column = 0;
  /** Of the current block; -1 at the root. */
  #indent = -1;
  #isWhitespace = true;
  /** Whether nothing but indentation and indicators stands on the line. */
  #isIndention = true;

  constructor(options: EmitterOptions) {
    this.#options = options;
  }

  finish(): string {
    this.#breakLine();
    return this.#parts.join("");
  }

  list(count: number, item: (index: number) => void, isValue: boolean): void {
    if (count === 0) return this.#indicator("[]", { needsSpace: true });
    const outer = this.#indent;
    const staysPut = isValue && !this.#isIndention && !this.#options.indentsLists;
    if (outer < 0) this.#indent = 0;
    else if (!staysPut) this.#indent += INDENT;
    for (let index = 0; index < count; index++) {
      this.#breakLine();
      this.#indicator("-", { needsSpace: true, isIndention: true });
      item(index);
    }
    this.#indent = outer;
  }

  map(keys: readonly string[], style: (key: string) => ScalarStyle, value: (key: string) => void): void {
    if (keys.length === 0) return this.#indicator("{}", { needsSpace: true });
    const outer = this.#indent;
    this.#indent = outer < 0 ? 0 : outer + INDENT;
    for (const key of keys) {
      this.#breakLine();
      this.#key(key, style(key));
      value(key);
    }
    this.#indent = outer;
  }

  #key(key: string, style: ScalarStyle): void {
    const isSimple = !analyze(key).isMultiline && Buffer.byteLength(key) <= 128;
    if (isSimple) {
      this.scalar(key, style, true);
      return this.#indicator(":", {});
    }
    this.#indicator("?", { needsSpace: true, isIndention: true });
    this.scalar(key, style);
    this.#breakLine();
    this.#indicator(":", { needsSpace: true, isIndention: true });
  }

  scalar(text: string, wanted: ScalarStyle, isKey = false): void {
    const outer = this.#indent;
    this.#indent = outer < 0 ? INDENT : outer + INDENT;
    switch (this.#style(text, wanted, isKey)) {
      case "plain":
        this.#plain(text, !isKey);
        break;
      case "single":
        this.#singleQuoted(text, !isKey);
        break;
      case "double":
        this.#doubleQuoted(text, !isKey);
        break;
      case "literal":
        this.#literal(text);
        break;
    }
    this.#indent = outer;
  }

  #plain(text: string, mayFold: boolean): void {
    if (!this.#isWhitespace) this.#put(" ");
    this.#words(text, mayFold, false);
    this.#isWhitespace = false;
    this.#isIndention = false;
  }

  #singleQuoted(text: string, mayFold: boolean): void {
    this.#indicator("'", { needsSpace: true });
    this.#words(text, mayFold, true);
    this.#indicator("'", {});
    this.#isWhitespace = false;
    this.#isIndention = false;
  }

  /** Text in which single breaks are doubled and long lines are folded at single blanks. */
  #words(text: string, mayFold: boolean, isQuoted: boolean): void {
    if (!isQuoted && this.#column + text.length <= this.#options.width && ONE_LINE.test(text)) {
      this.#put(text, text.length);
      this.#isIndention = false;
      return;
    }
    const characters = Array.from(text);
    let afterSpace = false;
    let afterBreak = false;
    for (const [at, character] of characters.entries()) {
      if (character === " ") {
        const isInside = !isQuoted || (at > 0 && at < characters.length - 1);
        if (mayFold && !afterSpace && this.#isTooLong() && isInside && characters[at + 1] !== " ") this.#breakLine();
        else this.#put(" ");
        afterSpace = true;
      } else if (isBreak(character)) {
        if (!afterBreak && character === "\n") this.#newline();
        this.#putBreak(character);
        this.#isIndention = true;
        afterBreak = true;
      } else {
        if (afterBreak) this.#breakLine();
        this.#put(isQuoted && character === "'" ? "''" : character, character === "'" && isQuoted ? 2 : 1);
        this.#isIndention = false;
        afterSpace = false;
        afterBreak = false;
      }
    }
  }

  #doubleQuoted(text: string, mayFold: boolean): void {
    const characters = Array.from(text);
    let afterSpace = false;
    this.#indicator('"', { needsSpace: true });
    for (const [at, character] of characters.entries()) {
      if (character !== " ") {
        const escaped = escapeCharacter(character);
        this.#put(escaped, escaped === character ? 1 : escaped.length);
        afterSpace = false;
        continue;
      }
      if (mayFold && !afterSpace && this.#isTooLong() && at > 0 && at < characters.length - 1) {
        this.#breakLine();
        if (characters[at + 1] === " ") this.#put("\\");
      } else this.#put(" ");
      afterSpace = true;
    }
    this.#indicator('"', {});
    this.#isWhitespace = false;
    this.#isIndention = false;
  }

  #literal(text: string): void {
    this.#indicator("|", { needsSpace: true });
    const characters = Array.from(text);
    if (characters[0] === " " || isBreak(characters[0])) this.#indicator(String(INDENT), {});
    const chomping = !isBreak(characters.at(-1))
      ? "-"
      : characters.length === 1 || isBreak(characters.at(-2))
        ? "+"
        : "";
    if (chomping !== "") this.#indicator(chomping, {});
    this.#newline();
    this.#isIndention = true;
    this.#isWhitespace = true;
    let afterBreak = true;
    for (const character of characters) {
      if (isBreak(character)) {
        this.#putBreak(character);
        this.#isIndention = true;
        afterBreak = true;
        continue;
      }
      if (afterBreak) this.#breakLine();
      this.#put(character);
      this.#isIndention = false;
      afterBreak = false;
    }
  }

  #isTooLong(): boolean {
    return this.#column > this.#options.width;
  }

  #indicator(text: string, { needsSpace = false, isIndention = false }: Readonly<Record<string, boolean>>): void {
    if (needsSpace && !this.#isWhitespace) this.#put(" ");
    this.#put(text, text.length);
    this.#isWhitespace = false;
    this.#isIndention = this.#isIndention && isIndention;
  }

  /** Goes to the current indentation, on a new line unless the line holds nothing but indicators yet. */
  #breakLine(): void {
    const indent = Math.max(this.#indent, 0);
    const isBehind = this.#column > indent || (this.#column === indent && !this.#isWhitespace);
    if (!this.#isIndention || isBehind) this.#newline();
    if (this.#column < indent) this.#put(" ".repeat(indent - this.#column), indent - this.#column);
    this.#isWhitespace = true;
    this.#isIndention = true;
  }

  #newline(): void {
    this.#parts.push("\n");
    this.#column = 0;
  }

  #putBreak(character: string): void {
    this.#parts.push(character);
    this.#column = 0;
  }

  #put(text: string, columns = 1): void {
    this.#parts.push(text);
    this.#column += columns;
  }

  #style(text: string, wanted: ScalarStyle, isKey: boolean): ChosenStyle {
    const shape = analyze(text);
    if (wanted === "double" || (isKey && shape.isMultiline)) return "double";
    if (wanted === "literal") {
      const isBlock = shape.allowsBlock || (this.#options.keepsTabs && analyze(text.replaceAll("\t", "x")).allowsBlock);
      return isBlock && !isKey ? "literal" : "double";
    }
    if (shape.allowsPlain && !(text === "" && isKey)) return "plain";
    return shape.allowsSingleQuotes ? "single" : "double";
  }
}
