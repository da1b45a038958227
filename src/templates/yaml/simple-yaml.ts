import type { GoMap, Value } from "../value/value.ts";
import { resolvePlain } from "./resolve.ts";
import { readSimpleFlow } from "./simple-flow.ts";
import { doubleQuotedValue, NotSimple, plainValue, singleQuotedValue } from "./simple-scalar.ts";

interface Line {
  readonly indent: number;
  readonly text: string;
  /** Index among all lines, for block scalars. */
  readonly number: number;
}

const MAX_DEPTH = 100;
/** No control characters, no tabs, no blanks but the ordinary one. */
const ONLY_SIMPLE_CHARACTERS =
  /^[\n\u0020-\u007e\u00a1-\u167f\u1681-\u1fff\u2070-\u2fff\u3001-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/;
const KEY = /^(?:([A-Za-z_][A-Za-z0-9_./-]*)|"([^"\\]*)"|'([^']*)'):(?: +(.*))?$/;
const DOUBLE_QUOTED = /^"((?:[^"\\]|\\["\\/nt])*)"(?: +#.*)?$/;
const SINGLE_QUOTED = /^'((?:[^']|'')*)'(?: +#.*)?$/;
const COMMENT = / +#.*$/;

/**
 * Reads the plain block style that most manifests and values files are written in, many times faster than a full parser:
 * maps, lists, one-line scalars and flow collections, literal blocks. Undefined for anything else, be it rich or wrong.
 */
export function findSimpleYaml(text: string): Value {
  if (!ONLY_SIMPLE_CHARACTERS.test(text) || /^(?:---|\.\.\.|%)/m.test(text)) return undefined;
  try {
    return new SimpleReader(text).document();
  } catch (error) {
    if (error instanceof NotSimple) return undefined;
    throw error;
  }
}

class SimpleReader {
  readonly #all: readonly string[];
  readonly #lines: Line[] = [];
  readonly #endsInBreak: boolean;
  #at = 0;

  constructor(text: string) {
    this.#endsInBreak = text.endsWith("\n");
    this.#all = (this.#endsInBreak ? text.slice(0, -1) : text).split("\n");
    for (const [number, line] of this.#all.entries()) {
      const content = line.trim();
      if (content !== "" && !content.startsWith("#")) {
        this.#lines.push({ indent: line.length - line.trimStart().length, text: content, number });
      }
    }
  }

  document(): Value {
    const [first] = this.#lines;
    if (!first) return null;
    const value = this.#block(first.indent, 0);
    if (this.#at < this.#lines.length) throw new NotSimple();
    return value;
  }

  #block(indent: number, depth: number): Value {
    if (depth > MAX_DEPTH) throw new NotSimple();
    const line = this.#lines[this.#at];
    return line && isItem(line.text) ? this.#list(indent, depth) : this.#map(indent, depth);
  }

  #list(indent: number, depth: number): Value {
    const items: Value[] = [];
    for (let line = this.#lineAt(indent); line && isItem(line.text); line = this.#lineAt(indent)) {
      const rest = line.text.slice(1).trimStart();
      const inner = indent + line.text.length - rest.length;
      if (rest === "" || rest.startsWith("#")) {
        this.#at++;
        items.push(this.#nested(indent, depth));
      } else if (isItem(rest) || KEY.test(rest)) {
        this.#lines[this.#at] = { ...line, indent: inner, text: rest };
        items.push(this.#block(inner, depth + 1));
      } else items.push(this.#scalar(rest, indent));
    }
    return items;
  }

  #map(indent: number, depth: number): Value {
    const map: GoMap = new Map();
    for (let line = this.#lineAt(indent); line && !isItem(line.text); line = this.#lineAt(indent)) {
      const match = KEY.exec(line.text);
      if (!match) throw new NotSimple();
      const [, plain, double, single, value = ""] = match;
      if (plain !== undefined && resolvePlain(plain).tag !== "str") throw new NotSimple();
      const key = plain ?? double ?? single ?? "";
      if (value === "" || value.startsWith("#")) {
        this.#at++;
        map.set(key, this.#valueBelow(indent, depth));
      } else map.set(key, this.#scalar(value, indent));
    }
    return map;
  }

  /** A list may stand under its key without more indentation. */
  #valueBelow(indent: number, depth: number): Value {
    const line = this.#lines[this.#at];
    return line?.indent === indent && isItem(line.text) ? this.#list(indent, depth + 1) : this.#nested(indent, depth);
  }

  #nested(indent: number, depth: number): Value {
    const line = this.#lines[this.#at];
    return line && line.indent > indent ? this.#block(line.indent, depth + 1) : null;
  }

  /** The current line when it belongs to the block with that indentation; one that lies deeper belongs to nothing. */
  #lineAt(indent: number): Line | undefined {
    const line = this.#lines[this.#at];
    if (line && line.indent > indent) throw new NotSimple();
    return line?.indent === indent ? line : undefined;
  }

  #scalar(text: string, indent: number): Value {
    if (text.startsWith("|")) return this.#literal(text, indent);
    this.#at++;
    const next = this.#lines[this.#at];
    if (next && next.indent > indent) throw new NotSimple();
    const double = DOUBLE_QUOTED.exec(text);
    if (double) return doubleQuotedValue(double[1] ?? "");
    const single = SINGLE_QUOTED.exec(text);
    if (single) return singleQuotedValue(single[1] ?? "");
    return /^[{[]/.test(text) ? readSimpleFlow(text) : plainValue(text.replace(COMMENT, ""));
  }

  #literal(header: string, indent: number): Value {
    const chomping = /^\|([+-]?)(?: +#.*)?$/.exec(header)?.[1];
    const line = this.#lines[this.#at];
    if (chomping === undefined || !line) throw new NotSimple();
    const start = line.number + 1;
    let end = start;
    while (end < this.#all.length && belongsTo(this.#all[end] ?? "", indent)) end++;
    const body = this.#all.slice(start, end);
    const width = indentOf(body.find((entry) => entry.trim() !== "") ?? "");
    if (body.some((entry) => !fitsIn(entry, width))) throw new NotSimple();
    while (this.#at < this.#lines.length && (this.#lines[this.#at]?.number ?? end) < end) this.#at++;
    const isCut = end === this.#all.length && !this.#endsInBreak;
    return chomp(
      body.map((entry) => entry.slice(width)),
      chomping,
      isCut,
    );
  }
}

function isItem(text: string): boolean {
  return text === "-" || text.startsWith("- ");
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function belongsTo(line: string, indent: number): boolean {
  return line.trim() === "" || indentOf(line) > indent;
}

/** Blank lines must not be wider than the text: what they hold is then part of it. */
function fitsIn(line: string, width: number): boolean {
  return line.trim() === "" ? line.length <= width : indentOf(line) >= width;
}

function chomp(lines: readonly string[], chomping: string, isCut: boolean): string {
  const last = lines.findLastIndex((line) => line !== "");
  if (last < 0) throw new NotSimple();
  const text = lines.slice(0, last + 1).join("\n");
  if (chomping === "-") return text;
  if (chomping === "+") {
    if (isCut) throw new NotSimple();
    return `${lines.join("\n")}\n`;
  }
  return isCut && last === lines.length - 1 ? text : `${text}\n`;
}
