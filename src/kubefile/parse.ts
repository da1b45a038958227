import { diagnose, type Diagnostic, type Finding } from "./diagnostic.ts";
import { chooseEscape, readDirectives, type Directive } from "./directive.ts";
import { KubefileError } from "./errors.ts";
import type { Instruction } from "./instruction.ts";
import { LineReader } from "./line-reader.ts";
import { isTrivia, physicalLineAt, readLogicalLine, type Escape } from "./logical-line.ts";
import { parseInstruction } from "./parse-instruction.ts";
import { createSource, type Source, type SourceFile, type Span } from "./source.ts";

/** A parsed Kubefile or Dockerfile. */
export interface Kubefile {
  readonly source: Source;
  readonly escape: Escape;
  readonly directives: readonly Directive[];
  readonly instructions: readonly Instruction[];
  /** All of the file in order: what it consists of, including what is between the instructions. */
  readonly pieces: readonly KubefilePiece[];
  /** What is allowed but probably not meant. */
  readonly warnings: readonly Diagnostic[];
}

/** `text` is exactly what stands in the file, line breaks included. */
export type KubefilePiece =
  | { readonly kind: "trivia"; readonly text: string }
  | { readonly kind: "instruction"; readonly text: string; readonly instruction: Instruction };

const BYTE_ORDER_MARK = "\ufeff";

/**
 * @param name what the user calls the file, for messages
 * @param files when the text is that of several files
 * @throws {KubefileError} with everything that is wrong
 */
export function parseKubefile(text: string, name: string, files?: readonly SourceFile[]): Kubefile {
  const kubefile = readKubefile(text, name, files);
  if (kubefile.warnings.some(({ severity }) => severity === "error")) throw new KubefileError(kubefile.warnings);
  return kubefile;
}

/** The same with what is wrong among the warnings: instructions that cannot be understood are left out. */
export function readKubefile(text: string, name: string, files?: readonly SourceFile[]): Kubefile {
  const source = createSource(name, text, files);
  const diagnostics: Diagnostic[] = [];
  const report = (span: Span, finding: Finding) => void diagnostics.push(diagnose(source, span, finding));

  reportNulBytes(source, report);
  const start = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  const directives = readDirectives(source, start, report);
  const escape = chooseEscape(directives, report);
  const pieces = readPieces(source, { start, escape, report });
  const instructions = pieces.flatMap((piece) => (piece.kind === "instruction" ? [piece.instruction] : []));
  if (!diagnostics.some(({ code }) => code === "UNKNOWN_INSTRUCTION")) reportMissingFrom(source, instructions, report);
  return { source, escape, directives, instructions, pieces, warnings: diagnostics };
}

/** The text of the file, byte for byte. */
export function renderKubefile({ pieces }: Pick<Kubefile, "pieces">): string {
  return pieces.map(({ text }) => text).join("");
}

interface Reading {
  readonly start: number;
  readonly escape: Escape;
  readonly report: (span: Span, finding: Finding) => void;
}

function readPieces(source: Source, { start, escape, report }: Reading): KubefilePiece[] {
  const pieces: KubefilePiece[] = [];
  const { text } = source;
  let triviaStart = 0;
  for (let offset = start; offset < text.length;) {
    const physical = physicalLineAt(source, offset);
    if (isTrivia(text.slice(physical.start, physical.end))) {
      offset = physical.next;
      continue;
    }
    const line = readLogicalLine(source, offset, escape);
    const { instruction, next } = parseInstruction(new LineReader(line, { escape, report }), source);
    if (offset > triviaStart) pieces.push({ kind: "trivia", text: text.slice(triviaStart, offset) });
    if (instruction) pieces.push({ kind: "instruction", text: text.slice(offset, next), instruction });
    offset = next;
    triviaStart = next;
  }
  if (text.length > triviaStart) pieces.push({ kind: "trivia", text: text.slice(triviaStart) });
  return pieces;
}

function reportNulBytes({ text }: Source, report: Reading["report"]): void {
  const offset = text.indexOf("\0");
  if (offset < 0) return;
  report(
    { start: offset, end: offset + 1 },
    { code: "NUL_BYTE", message: "A NUL byte has no place in a Kubefile", hint: "Save the file as UTF-8 text" },
  );
}

function reportMissingFrom(source: Source, instructions: readonly Instruction[], report: Reading["report"]): void {
  const first = instructions.find(({ kind }) => kind !== "ARG");
  if (first?.kind === "FROM") return;
  report(first?.keyword ?? { start: source.text.length, end: source.text.length }, {
    code: "MISSING_FROM",
    message: first ? `${first.kind} comes before the first FROM` : "There is no FROM",
    hint: "Begin with FROM scratch or the name of an image; only ARG may come before",
  });
}
