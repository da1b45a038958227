/** A line of a list. */
export interface ListLine {
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** Lines that say something, blanks and one pair of quotes around them taken away. */
export function linesOf(text: string): readonly ListLine[] {
  return text
    .split("\n")
    .map((line, index) => ({ text: unquote(line.replace(/^\ufeff/, "").trim()), line: index + 1 }))
    .filter((line) => line.text !== "" && !line.text.startsWith("#"));
}

function unquote(text: string): string {
  return /^(["'])(.*)\1$/.exec(text)?.[2]?.trim() ?? text;
}
