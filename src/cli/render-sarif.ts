import type { Diagnostic } from "../kubefile/diagnostic.ts";
import { isLintRule, LINT_RULES } from "../kubefile/lint/rule-table.ts";

/** A log of SARIF 2.1.0, which code hosts show at the lines. */
export function renderSarif(diagnostics: readonly Diagnostic[], version: string): string {
  const codes = [...new Set(diagnostics.map(({ code }) => code))].toSorted();
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "sealos lint", version, rules: codes.map(toRule) } },
        columnKind: "utf16CodeUnits",
        results: diagnostics.map((diagnostic) => toResult(diagnostic, codes.indexOf(diagnostic.code))),
      },
    ],
  };
  return JSON.stringify(log, undefined, 2);
}

function toRule(code: string): object {
  if (!isLintRule(code)) return { id: code };
  const { summary, reason, severity } = LINT_RULES[code];
  return {
    id: code,
    shortDescription: { text: summary },
    fullDescription: { text: reason },
    defaultConfiguration: { level: severity },
  };
}

function toResult({ code, severity, message, hint, file, start, span }: Diagnostic, ruleIndex: number): object {
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: hint === undefined ? message : `${message}. ${hint}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: file.split("/").map(encodeURIComponent).join("/") },
          region: { startLine: start.line, startColumn: start.column, charLength: Math.max(0, span.end - span.start) },
        },
      },
    ],
  };
}
