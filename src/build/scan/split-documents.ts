/** A part of a YAML stream. */
export interface DocumentText {
  readonly text: string;
  /** Of its first line in the stream, from 1. */
  readonly line: number;
}

/** Splits a stream at its lines of dashes, so that what is wrong in one document is not felt in the others. */
export function splitDocuments(stream: string): readonly DocumentText[] {
  const documents: DocumentText[] = [];
  let lines: string[] = [];
  let start = 1;
  for (const [index, line] of stream.split("\n").entries()) {
    if (!/^---(?:\s|$)/.test(line)) {
      lines.push(line);
      continue;
    }
    documents.push({ text: lines.join("\n"), line: start });
    // What stands behind the dashes belongs to the document.
    lines = [line.replace("---", "   ")];
    start = index + 1;
  }
  documents.push({ text: lines.join("\n"), line: start });
  return documents.filter(({ text }) => text.trim() !== "");
}
