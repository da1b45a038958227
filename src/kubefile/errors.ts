import { KnownError } from "../base/error.ts";
import { renderDiagnostic, type Diagnostic } from "./diagnostic.ts";

/** A Kubefile is wrong. Carries everything that was found, in the order of the file. */
export class KubefileError extends KnownError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    const ordered = [...diagnostics].sort((a, b) => a.span.start - b.span.start);
    const files = [...new Set(ordered.map(({ file }) => `"${file}"`))].join(", ");
    const count = ordered.length === 1 ? "1 problem" : `${ordered.length} problems`;
    super("KUBEFILE_INVALID", `Cannot build ${files}: ${count}\n${ordered.map(renderDiagnostic).join("\n")}`);
    this.diagnostics = ordered;
  }
}
