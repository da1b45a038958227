/** The text of one file, or of several behind each other, and where its lines begin. */
export interface Source {
  /** As the user calls the file. */
  readonly name: string;
  readonly text: string;
  /** Offset of the first character of each line. */
  readonly lineStarts: readonly number[];
  /** In the order of the text; the first begins at its start. */
  readonly files: readonly SourceFile[];
}

/** A file that is part of a source. */
export interface SourceFile {
  /** As the user calls it. */
  readonly name: string;
  /** Offset of its first character. */
  readonly start: number;
}

/** A range of the source: offsets in UTF-16 units, `end` is not part of it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Both from 1; columns count UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** @param files when the text is that of several files */
export function createSource(name: string, text: string, files: readonly SourceFile[] = [{ name, start: 0 }]): Source {
  const lineStarts = [0];
  for (let newline = text.indexOf("\n"); newline >= 0; newline = text.indexOf("\n", newline + 1)) {
    lineStarts.push(newline + 1);
  }
  return { name, text, lineStarts, files };
}

export function positionOf({ lineStarts }: Source, offset: number): Position {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 };
}

/** The file that an offset is in, and the position there. */
export function placeOf(source: Source, offset: number): Position & { readonly file: string } {
  const file = source.files.findLast(({ start }) => start <= offset) ?? { name: source.name, start: 0 };
  const { line, column } = positionOf(source, offset);
  return { file: file.name, line: line - positionOf(source, file.start).line + 1, column };
}

/** The text of a line without its line break. */
export function lineOf({ text, lineStarts }: Source, line: number): string {
  const end = lineStarts[line] ?? text.length + 1;
  return text.slice(lineStarts[line - 1] ?? text.length, end - 1).replace(/\r$/, "");
}
