import type { Finding, Report } from "./diagnostic.ts";
import type { CommandLine, Word } from "./instruction.ts";
import { readJsonArray } from "./json-form.ts";
import { toSpan, type Escape, type LogicalLine } from "./logical-line.ts";
import type { Span } from "./source.ts";
import { skipBlanks, splitWords, type RawWord } from "./word.ts";
import { parseWord, WordError } from "./word-parts.ts";

/** Reads a logical line from left to right and reports findings at their places. */
export class LineReader {
  readonly escape: Escape;
  readonly line: LogicalLine;
  readonly #report: Report;
  #offset = 0;

  constructor(line: LogicalLine, { escape, report }: { escape: Escape; report: Report }) {
    this.line = line;
    this.escape = escape;
    this.#report = report;
  }

  report(place: RawWord, finding: Finding): void {
    this.#report(this.spanOf(place), finding);
  }

  /** The next run of characters that are not blank; quotes mean nothing. */
  takeKeyword(): RawWord {
    const start = skipBlanks(this.line.text, this.#offset);
    const length = this.line.text.slice(start).search(/\s|$/);
    this.#offset = skipBlanks(this.line.text, start + length);
    return { text: this.line.text.slice(start, start + length), start };
  }

  /** The next word if it is a flag. `--` ends the flags and is left out. */
  takeFlag(): RawWord | undefined {
    if (!this.line.text.startsWith("--", this.#offset)) return undefined;
    const [word] = splitWords(this.line.text, this.escape, { from: this.#offset, limit: 1 });
    if (!word) return undefined;
    this.#offset = skipBlanks(this.line.text, word.start + word.text.length);
    return word.text === "--" ? undefined : word;
  }

  /** What has not been taken yet, blanks at its end left out. */
  rest(): RawWord {
    return { text: this.line.text.slice(this.#offset).trimEnd(), start: this.#offset };
  }

  /** The rest, split at blanks that are neither quoted nor escaped. */
  words(): RawWord[] {
    return splitWords(this.line.text, this.escape, { from: this.#offset });
  }

  /** The elements of the rest when it is the JSON form. */
  jsonArray(): readonly string[] | undefined {
    const rest = this.rest();
    return readJsonArray(rest.text, (finding) => this.report(rest, finding));
  }

  commandLine(): CommandLine {
    const { text, span } = this.toWord(this.rest());
    const elements = this.jsonArray();
    return elements ? { form: "exec", arguments: elements, span } : { form: "shell", text, span };
  }

  /** The word as the syntax tree has it, and a finding when it cannot be expanded. */
  expandable(word: RawWord): Word {
    try {
      parseWord(word.text, this.escape);
    } catch (error) {
      if (!(error instanceof WordError)) throw error;
      const offset = Math.max(0, Math.min(error.offset, word.text.length - 1));
      this.report(
        { text: word.text.slice(offset), start: word.start + offset },
        {
          code: "INVALID_EXPANSION",
          message: error.message,
          hint: "Close every quote and brace, and escape a $ that is meant literally",
        },
      );
    }
    return this.toWord(word);
  }

  toWord(word: RawWord): Word {
    return { text: word.text, span: this.spanOf(word) };
  }

  spanOf({ text, start }: RawWord): Span {
    return toSpan(this.line, start, start + text.length);
  }
}
