import { FunctionError } from "../error.ts";
import { foldCase } from "./classes.ts";
import type { Assertion, CharacterTest, ParsedRegexp, RegexpNode } from "./node.ts";
import { parseClass, parseClassEscape } from "./parse-class.ts";
import { parseEscape } from "./parse-escape.ts";
import { PatternReader } from "./pattern-reader.ts";

interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
  readonly U: boolean;
}

const MAX_REPEAT = 1000;
const MAX_DEPTH = 1000;
const ANCHORS: Readonly<Record<string, Assertion>> = {
  A: "text-start",
  z: "text-end",
  b: "word-boundary",
  B: "no-word-boundary",
};

/** Parses the RE2 syntax. @throws {RegexpError} with Go's message. */
export function parseRegexp(pattern: string): ParsedRegexp {
  return new RegexpParser(pattern).parse();
}

class RegexpParser {
  readonly #reader: PatternReader;
  readonly #groupNames: string[] = [""];
  #flags: Flags = { i: false, m: false, s: false, U: false };
  #depth = 0;

  constructor(pattern: string) {
    this.#reader = new PatternReader(pattern);
  }

  parse(): ParsedRegexp {
    const root = this.#alternatives();
    if (!this.#reader.isAtEnd) this.#reader.fail("unexpected )", this.#reader.pattern);
    return { root, groupNames: this.#groupNames };
  }

  #alternatives(): RegexpNode {
    const parts = [this.#sequence()];
    while (this.#reader.take("|")) parts.push(this.#sequence());
    const [only] = parts;
    return parts.length === 1 && only ? only : { kind: "alternatives", parts };
  }

  #sequence(): RegexpNode {
    const parts: RegexpNode[] = [];
    while (!this.#reader.isAtEnd && this.#reader.peek() !== "|" && this.#reader.peek() !== ")") {
      const atoms = this.#atoms();
      const last = atoms.pop();
      parts.push(...atoms);
      if (last) parts.push(this.#repeated(last));
    }
    return { kind: "sequence", parts };
  }

  /** One atom; several only for `\Q…\E`, none for a flag group. */
  #atoms(): RegexpNode[] {
    const reader = this.#reader;
    switch (reader.peek()) {
      case "(":
        return this.#group();
      case "[":
        reader.take("[");
        return [this.#character(parseClass(reader, { ignoresCase: this.#flags.i }), false)];
      case ".":
        reader.take(".");
        return [this.#character(this.#flags.s ? () => true : (code) => code !== 10, false)];
      case "^":
        reader.take("^");
        return [{ kind: "assertion", assertion: this.#flags.m ? "line-start" : "text-start" }];
      case "$":
        reader.take("$");
        return [{ kind: "assertion", assertion: this.#flags.m ? "line-end" : "text-end" }];
      case "\\":
        return this.#backslash();
      case "*":
      case "+":
      case "?":
        return reader.fail("missing argument to repetition operator", /^.\??/.exec(reader.rest)?.[0] ?? "");
      default:
        return [this.#literal(reader.nextCode())];
    }
  }

  #backslash(): RegexpNode[] {
    const reader = this.#reader;
    if (reader.take("\\Q")) return this.#quoted();
    const assertion = ANCHORS[reader.peek(1)];
    if (assertion) {
      reader.skip(2);
      return [{ kind: "assertion", assertion }];
    }
    const test = parseClassEscape(reader);
    return [test ? this.#character(test, this.#flags.i) : this.#literal(parseEscape(reader))];
  }

  #quoted(): RegexpNode[] {
    const end = this.#reader.rest.indexOf("\\E");
    const text = end < 0 ? this.#reader.rest : this.#reader.rest.slice(0, end);
    this.#reader.skip(text.length + (end < 0 ? 0 : 2));
    return Array.from(text, (character) => this.#literal(character.codePointAt(0) ?? 0));
  }

  #literal(code: number): RegexpNode {
    return this.#character((candidate) => candidate === code, this.#flags.i);
  }

  #character(test: CharacterTest, ignoresCase: boolean): RegexpNode {
    return { kind: "character", test: ignoresCase ? foldCase(test) : test };
  }

  #group(): RegexpNode[] {
    const reader = this.#reader;
    if (++this.#depth > MAX_DEPTH)
      throw new FunctionError(`error parsing regexp: expression nests too deeply: \`${reader.pattern}\``);
    const outer = this.#flags;
    const isFlagGroup = reader.rest.startsWith("(?") && !/^\(\?P?</.test(reader.rest);
    if (isFlagGroup) {
      const opensGroup = this.#readFlags();
      if (!opensGroup) {
        this.#depth--;
        return [];
      }
    }
    const index = isFlagGroup ? 0 : this.#openCapture();
    const body = this.#alternatives();
    if (!reader.take(")")) reader.fail("missing closing )", reader.pattern);
    this.#flags = outer;
    this.#depth--;
    return [isFlagGroup ? { kind: "sequence", parts: [body] } : { kind: "group", index, body }];
  }

  #openCapture(): number {
    const reader = this.#reader;
    const named = /^\(\?P?</.exec(reader.rest);
    if (!named) {
      reader.take("(");
      return this.#groupNames.push("") - 1;
    }
    const end = reader.rest.indexOf(">");
    if (end < 0) reader.fail("invalid named capture", reader.rest);
    const name = reader.rest.slice(named[0].length, end);
    const shown = reader.rest.slice(0, end + 1);
    if (!/^[A-Za-z0-9_]+$/.test(name)) reader.fail("invalid named capture", shown);
    reader.skip(end + 1);
    return this.#groupNames.push(name) - 1;
  }

  /** Reads `(?flags)` or `(?flags:`; true for the second. */
  #readFlags(): boolean {
    const reader = this.#reader;
    const match = /^\(\?([imsU]*)(-?)([imsU]*)([:)])/.exec(reader.rest);
    const isEmptyNegation = match?.[2] === "-" && match[3] === "";
    if (!match || isEmptyNegation) {
      return reader.fail("invalid or unsupported Perl syntax", /^\(\?[imsU-]*.?/su.exec(reader.rest)?.[0] ?? "");
    }
    const [all, on = "", , off = "", end] = match;
    const flags = { ...this.#flags };
    for (const flag of ["i", "m", "s", "U"] as const) {
      if (on.includes(flag)) flags[flag] = true;
      if (off.includes(flag)) flags[flag] = false;
    }
    this.#flags = flags;
    reader.skip(all.length);
    return end === ":";
  }

  #repeated(atom: RegexpNode): RegexpNode {
    const reader = this.#reader;
    const match = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})(\??)/.exec(reader.rest);
    if (!match) return atom;
    const [all, operator, minimum, comma, maximum, lazy] = match;
    const start = reader.at;
    reader.skip(all.length);
    const min = operator === undefined ? Number(minimum) : operator === "+" ? 1 : 0;
    const max = operator === undefined ? upperBound(min, comma, maximum) : operator === "?" ? 1 : Infinity;
    const isTooLarge = min > MAX_REPEAT || (max !== Infinity && (max > MAX_REPEAT || max < min));
    if (isTooLarge) reader.fail("invalid repeat count", all.replace(/\?$/, ""));
    const next = /^(?:[*+?]|\{\d+,?\d*\})\??/.exec(reader.rest);
    if (next)
      reader.fail("invalid nested repetition operator", reader.pattern.slice(start, reader.at + next[0].length));
    return { kind: "repeat", body: atom, min, max, isLazy: (lazy === "?") !== this.#flags.U };
  }
}

function upperBound(min: number, comma: string | undefined, maximum: string | undefined): number {
  if (comma !== ",") return min;
  return maximum === "" ? Infinity : Number(maximum);
}
