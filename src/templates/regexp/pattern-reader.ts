import { FunctionError } from "../error.ts";
import { quote } from "../value/quote.ts";

/** A position in a pattern. */
export class PatternReader {
  readonly pattern: string;
  at = 0;

  constructor(pattern: string) {
    this.pattern = pattern;
  }

  get rest(): string {
    return this.pattern.slice(this.at);
  }

  get isAtEnd(): boolean {
    return this.at >= this.pattern.length;
  }

  peek(offset = 0): string {
    return this.pattern[this.at + offset] ?? "";
  }

  take(text: string): boolean {
    if (!this.pattern.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  skip(length: number): void {
    this.at += length;
  }

  nextCode(): number {
    const code = this.pattern.codePointAt(this.at) ?? 0;
    this.at += code > 0xffff ? 2 : 1;
    return code;
  }

  fail(problem: string, expression: string): never {
    throw new RegexpError(this.pattern, `error parsing regexp: ${problem}: \`${expression}\``);
  }
}

/** A pattern that is none. The message is Go's of `regexp.Compile`. */
export class RegexpError extends FunctionError {
  readonly pattern: string;

  constructor(pattern: string, message: string) {
    super(message);
    this.pattern = pattern;
  }

  /** What Go's `regexp.MustCompile` panics with. */
  get panicMessage(): string {
    const shown = this.pattern.includes("`") ? quote(this.pattern) : `\`${this.pattern}\``;
    return `regexp: Compile(${shown}): ${this.message}`;
  }
}
