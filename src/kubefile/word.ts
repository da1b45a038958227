import type { Escape } from "./logical-line.ts";

/** A word as written, quotes and escapes kept, and where it begins in its line. */
export interface RawWord {
  readonly text: string;
  readonly start: number;
}

/** Splits at blanks that are neither quoted nor escaped. An unterminated quote reaches to the end. */
export function splitWords(
  text: string,
  escape: Escape,
  { from = 0, limit = Infinity }: { from?: number; limit?: number } = {},
): RawWord[] {
  const words: RawWord[] = [];
  let offset = skipBlanks(text, from);
  while (offset < text.length && words.length < limit) {
    const start = offset;
    offset = findUnquoted(text, { escape, from: start, isWanted: isBlank });
    words.push({ text: text.slice(start, offset), start });
    offset = skipBlanks(text, offset);
  }
  return words;
}

export function skipBlanks(text: string, start: number): number {
  let offset = start;
  while (isBlank(text[offset] ?? "")) offset++;
  return offset;
}

/** Where `=` separates a name from its value; one within quotes does not. */
export function findEquals(word: string, escape: Escape): number | undefined {
  const offset = findUnquoted(word, { escape, from: 0, isWanted: (character) => character === "=" });
  return offset < word.length ? offset : undefined;
}

interface Search {
  readonly escape: Escape;
  readonly from: number;
  readonly isWanted: (character: string) => boolean;
}

function findUnquoted(text: string, { escape, from, isWanted }: Search): number {
  let quote: string | undefined;
  for (let offset = from; offset < text.length; offset++) {
    const character = text[offset] ?? "";
    if (character === escape && quote !== "'") offset++;
    else if (quote !== undefined) quote = character === quote ? undefined : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (isWanted(character)) return offset;
  }
  return text.length;
}

function isBlank(character: string): boolean {
  return character === " " || (character >= "\t" && character <= "\r");
}
