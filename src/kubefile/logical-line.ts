import type { Source, Span } from "./source.ts";

/** The character that escapes the next one and, at the end of a line, continues it. */
export type Escape = "\\" | "`";

/** One or more physical lines joined by continuations, comments and empty lines between them left out. */
export interface LogicalLine {
  readonly text: string;
  /** From the first character that is not blank to the end of the last line, its line break left out. */
  readonly span: Span;
  /** Where the next line begins. */
  readonly next: number;
  readonly pieces: readonly Piece[];
}

interface Piece {
  /** Offset in the joined text. */
  readonly textStart: number;
  /** Offset in the source of the same character. */
  readonly sourceStart: number;
}

interface PhysicalLine {
  readonly start: number;
  readonly end: number;
  readonly next: number;
}

/** The line at `start`, its line break (LF or CRLF) left out of `end`. */
export function physicalLineAt({ text }: Source, start: number): PhysicalLine {
  const newline = text.indexOf("\n", start);
  if (newline < 0) return { start, end: text.length, next: text.length };
  const end = newline > start && text[newline - 1] === "\r" ? newline - 1 : newline;
  return { start, end, next: newline + 1 };
}

/** True for a line that holds no part of an instruction. */
export function isTrivia(line: string): boolean {
  return /^\s*(#|$)/.test(line);
}

/** Reads the instruction that begins on the line at `start`, which must not be trivia. */
export function readLogicalLine(source: Source, start: number, escape: Escape): LogicalLine {
  const parts: string[] = [];
  const pieces: Piece[] = [];
  let textStart = 0;
  let line = physicalLineAt(source, start);
  const indent = source.text.slice(line.start, line.end).search(/\S/);
  let contentStart = line.start + Math.max(0, indent);
  const first = contentStart;
  for (;;) {
    const content = source.text.slice(contentStart, line.end);
    const continuation = pieces.length > 0 && isTrivia(content) ? "skip" : continuationAt(content, escape);
    if (continuation !== "skip") {
      const part = continuation === undefined ? content : content.slice(0, continuation);
      pieces.push({ textStart, sourceStart: contentStart });
      parts.push(part);
      textStart += part.length;
    }
    if (continuation === undefined || line.next >= source.text.length) break;
    line = physicalLineAt(source, line.next);
    contentStart = line.start;
  }
  return { text: parts.join(""), span: { start: first, end: line.end }, next: line.next, pieces };
}

/** The place in the source of a range of the joined text. */
export function toSpan({ pieces }: LogicalLine, start: number, end: number): Span {
  const sourceStart = sourceOffset(pieces, start);
  return { start: sourceStart, end: end > start ? sourceOffset(pieces, end - 1) + 1 : sourceStart };
}

function sourceOffset(pieces: readonly Piece[], offset: number): number {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((pieces[middle]?.textStart ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const piece = pieces[low] ?? { textStart: 0, sourceStart: 0 };
  return piece.sourceStart + offset - piece.textStart;
}

/** Where the escape character that continues this line is; a doubled one does not. */
function continuationAt(content: string, escape: Escape): number | undefined {
  let last = content.length - 1;
  while (content[last] === " " || content[last] === "\t") last--;
  return content[last] === escape && content[last - 1] !== escape ? last : undefined;
}
