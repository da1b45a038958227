import { findMatch } from "./matcher.ts";
import { parseRegexp } from "./parse.ts";
import { compileProgram } from "./program.ts";
import type { Instruction } from "./program.ts";

export interface Match {
  readonly start: number;
  readonly end: number;
  readonly groups: readonly (string | undefined)[];
}

/** A regular expression of Go: RE2 syntax, leftmost-first matches, time linear in the text. */
export class Regexp {
  readonly #source: string;
  readonly #program: readonly Instruction[];
  readonly #groupNames: readonly string[];

  /** @throws {RegexpError} */
  constructor(pattern: string) {
    const { root, groupNames } = parseRegexp(pattern);
    this.#source = pattern;
    this.#program = compileProgram(root);
    this.#groupNames = groupNames;
  }

  find(text: string, from = 0): Match | undefined {
    const captures = findMatch(this.#program, text, from);
    if (!captures) return undefined;
    const groups = this.#groupNames.map((_, index) => {
      const start = captures[2 * index];
      return start === undefined ? undefined : text.slice(start, captures[2 * index + 1]);
    });
    return { start: captures[0] ?? 0, end: captures[1] ?? 0, groups };
  }

  /** All matches that do not overlap, at most `limit`; an empty match directly behind another one does not count. */
  findAll(text: string, limit = -1): Match[] {
    const matches: Match[] = [];
    let lastEnd = -1;
    for (let at = 0; at <= text.length && matches.length !== limit;) {
      const match = this.find(text, at);
      if (!match) break;
      const isEmpty = match.end === match.start;
      if (!isEmpty || match.start !== lastEnd) matches.push(match);
      at = isEmpty ? match.end + widthAt(text, match.end) : match.end;
      lastEnd = match.end;
    }
    return matches;
  }

  replaceAll(text: string, replacement: (match: Match) => string): string {
    let output = "";
    let lastEnd = 0;
    for (let at = 0; at <= text.length;) {
      const match = this.find(text, at);
      if (!match) break;
      output += text.slice(lastEnd, match.start);
      if (match.end > lastEnd || match.start === 0) output += replacement(match);
      lastEnd = match.end;
      at = Math.max(match.end, at + widthAt(text, at));
    }
    return output + text.slice(lastEnd);
  }

  split(text: string, limit: number): readonly string[] | undefined {
    if (limit === 0) return undefined;
    if (this.#source !== "" && text === "") return [""];
    const parts: string[] = [];
    let start = 0;
    let end = 0;
    for (const match of this.findAll(text, limit)) {
      if (limit > 0 && parts.length === limit - 1) break;
      end = match.start;
      if (match.end !== 0) parts.push(text.slice(start, end));
      start = match.end;
    }
    if (end !== text.length) parts.push(text.slice(start));
    return parts;
  }

  /** The replacement with `$1`, `$name` and `${name}` filled in. */
  expand(replacement: string, { groups }: Match): string {
    return replacement.replace(
      /\$(?:\$|([0-9A-Za-z_]+)|\{([0-9A-Za-z_]+)\})/g,
      (all, bare?: string, braced?: string) => {
        const name = bare ?? braced;
        return name === undefined ? (all === "$$" ? "$" : all) : (groups[this.#groupIndex(name)] ?? "");
      },
    );
  }

  #groupIndex(name: string): number {
    if (/^(?:0|[1-9][0-9]*)$/.test(name)) return Number(name);
    return this.#groupNames.indexOf(name);
  }
}

function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

export function quoteMeta(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}
