import type { LintResult } from "../actions/lint-kubefile.ts";
import { renderDiagnostic } from "../kubefile/diagnostic.ts";

/** Every finding with its line, and how many there are; empty when there is none. */
export function renderFindings({ diagnostics, errors, warnings }: LintResult): string {
  const lines = diagnostics.map((diagnostic) => renderDiagnostic(diagnostic));
  if (lines.length === 0) return "";
  return [...lines, `${count(errors, "error")}, ${count(warnings, "warning")}`].join("\n");
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
