import type { Heredoc } from "./instruction.ts";
import type { LineReader } from "./line-reader.ts";
import { physicalLineAt } from "./logical-line.ts";
import type { Source } from "./source.ts";
import type { RawWord } from "./word.ts";

const OPENING = /^[0-9]*<<(-?)(?:"([^"'\s<]+)"|'([^"'\s<]+)'|([^"'\s<\\]+))$/;

interface Opening {
  readonly word: RawWord;
  readonly name: string;
  readonly expands: boolean;
  readonly stripsTabs: boolean;
}

interface HeredocBodies {
  readonly heredocs: readonly Heredoc[];
  /** Behind the last character of the last heredoc; undefined when there is none. */
  readonly end: number | undefined;
  /** Where the next line begins. */
  readonly next: number;
}

/** Reads the contents of all heredocs that the words open, from the source's line at `start` on. */
export function readHeredocs(
  source: Source,
  { start, reader, words }: { start: number; reader: LineReader; words: readonly RawWord[] },
): HeredocBodies {
  const heredocs: Heredoc[] = [];
  let next = start;
  let end: number | undefined;
  for (const opening of words.flatMap((word) => findOpening(word) ?? [])) {
    const body = readBody(source, next, opening);
    if (body === undefined) {
      reportUnterminated(reader, opening);
      return { heredocs, end: source.text.length, next: source.text.length };
    }
    const { name, expands, word } = opening;
    heredocs.push({ name, expands, content: body.content, word: reader.toWord(word) });
    next = body.next;
    end = body.end;
  }
  return { heredocs, end, next };
}

function findOpening(word: RawWord): Opening | undefined {
  const match = OPENING.exec(word.text);
  if (!match) return undefined;
  const bare = match[4];
  const name = bare ?? match[3] ?? match[2] ?? "";
  return { word, name, expands: bare !== undefined, stripsTabs: match[1] === "-" };
}

interface Body {
  readonly content: string;
  readonly end: number;
  readonly next: number;
}

function readBody(source: Source, start: number, opening: Opening): Body | undefined {
  const lines: string[] = [];
  for (let offset = start; offset < source.text.length;) {
    const line = physicalLineAt(source, offset);
    const text = source.text.slice(line.start, line.end);
    const content = opening.stripsTabs ? text.replace(/^\t+/, "") : text;
    if (content === opening.name) return { content: lines.join(""), end: line.end, next: line.next };
    lines.push(`${content}\n`);
    offset = line.next;
  }
  return undefined;
}

function reportUnterminated(reader: LineReader, { word, name }: Opening): void {
  reader.report(word, {
    code: "HEREDOC",
    message: `The heredoc "${name}" does not end`,
    hint: `Add a line that is exactly ${name}`,
  });
}
