import type { LintRuleName } from "./lint/rule-table.ts";
import { printable } from "../base/text.ts";
import { lineOf, placeOf, positionOf, type Position, type Source, type Span } from "./source.ts";

/** Stable identifiers: part of the contract, used in reports and to look up documentation. */
export type DiagnosticCode =
  | "CHECKSUM"
  | "DESTINATION"
  | "DUPLICATE_FLAG"
  | "EXTRA_ARGUMENT"
  | "HEREDOC"
  | "INVALID_ARCHIVE"
  | "INVALID_ARGUMENT"
  | "INVALID_DIRECTIVE"
  | "INVALID_EXPANSION"
  | "INVALID_FLAG"
  | "INVALID_PAIR"
  | "JSON_FORM"
  | "MISSING_ARGUMENT"
  | "MISSING_FROM"
  | "NUL_BYTE"
  | "REMOTE_SOURCE"
  | "SOURCE_NOT_FOUND"
  | "UNKNOWN_FLAG"
  | "UNKNOWN_INSTRUCTION"
  | "UNKNOWN_STAGE"
  | "UNSAFE_PATH"
  | "UNSUPPORTED";

/** What is wrong, without where. */
export interface Finding {
  readonly code: DiagnosticCode | LintRuleName;
  /** Sentence case, no final period. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** Default: error. */
  readonly severity?: "error" | "warning";
}

/** A finding at its place. */
export interface Diagnostic {
  readonly code: DiagnosticCode | LintRuleName;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly hint: string | undefined;
  readonly file: string;
  readonly span: Span;
  readonly start: Position;
  /** The line of the file that `start` is on. */
  readonly sourceLine: string;
}

/** Takes the findings of one file as they are made. */
export type Report = (span: Span, finding: Finding) => void;

export function diagnose(source: Source, span: Span, finding: Finding): Diagnostic {
  const { file, ...start } = placeOf(source, span.start);
  const { code, message, hint, severity = "error" } = finding;
  const sourceLine = lineOf(source, positionOf(source, span.start).line);
  return { code, severity, message, hint, file, span, start, sourceLine };
}

/** One diagnostic with its line, a caret below the place and the hint; no colour, no trailing line break. */
export function renderDiagnostic({ code, severity, message, hint, file, start, span, sourceLine }: Diagnostic): string {
  const number = String(start.line);
  const margin = " ".repeat(number.length);
  const before = sourceLine.slice(0, start.column - 1);
  const length = Math.max(1, Math.min(span.end - span.start, sourceLine.length - before.length));
  const caret = `${before.replace(/[^\t]/g, " ")}${"^".repeat(length)}`;
  return [
    `${printable(file)}:${number}:${start.column}: ${severity}: ${printable(message)} [${code}]`,
    `  ${number} | ${printable(sourceLine)}`,
    `  ${margin} | ${caret}`,
    ...(hint === undefined ? [] : [`  ${margin} = ${printable(hint)}`]),
  ].join("\n");
}
