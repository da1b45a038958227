import { diagnose, type Diagnostic } from "../diagnostic.ts";
import type { Kubefile } from "../parse.ts";
import { readCheckSettings } from "./check-directive.ts";
import { checkForms } from "./form-rules.ts";
import type { LintFinding } from "./lint-stage.ts";
import { LINT_RULES } from "./rule-table.ts";
import { checkStages } from "./stage-rules.ts";
import { checkVariables } from "./variable-rules.ts";

export interface LintOptions {
  /** What was found with knowledge of more than the file. */
  readonly findings?: readonly LintFinding[];
  /** Warnings are errors. */
  readonly isStrict?: boolean;
}

/** All that the rules find in a Kubefile and in its surroundings, as far as the file itself does not wave it through. */
export function lintKubefile(
  kubefile: Kubefile,
  { findings = [], isStrict = false }: LintOptions = {},
): readonly Diagnostic[] {
  const { source, directives } = kubefile;
  const diagnostics: Diagnostic[] = [];
  const settings = readCheckSettings(directives, (span, finding) => diagnostics.push(diagnose(source, span, finding)));
  const found = [...checkStages(kubefile), ...checkForms(kubefile), ...checkVariables(kubefile), ...findings];
  for (const { rule, span, message, hint } of found) {
    if (settings.skips(rule)) continue;
    const { severity } = LINT_RULES[rule];
    diagnostics.push(diagnose(source, span, { code: rule, severity, message, hint }));
  }
  return isStrict || settings.isStrict ? diagnostics.map((each) => ({ ...each, severity: "error" })) : diagnostics;
}
