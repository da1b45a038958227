import { expect, test } from "vitest";

import { diagnose, renderDiagnostic } from "../../src/kubefile/diagnostic.ts";
import { KubefileError } from "../../src/kubefile/errors.ts";
import { createSource } from "../../src/kubefile/source.ts";

const SOURCE = createSource("Kubefile", "FROM scratch\n\tCOPPY a b\r\nLAST\u001b[31m");

test("renderDiagnostic() shows line, caret and hint", () => {
  const finding = {
    code: "UNKNOWN_INSTRUCTION",
    message: '"COPPY" is not an instruction',
    hint: "Did you mean COPY?",
  } as const;
  expect(renderDiagnostic(diagnose(SOURCE, { start: 14, end: 19 }, finding))).toBe(
    [
      'Kubefile:2:2: error: "COPPY" is not an instruction [UNKNOWN_INSTRUCTION]',
      "  2 | \tCOPPY a b",
      "    | \t^^^^^",
      "    = Did you mean COPY?",
    ].join("\n"),
  );
});

test("renderDiagnostic() lets no control character through and ends the caret with the line", () => {
  const finding = { code: "UNSUPPORTED", message: "No", severity: "warning" } as const;
  expect(renderDiagnostic(diagnose(SOURCE, { start: 13, end: 30 }, finding))).toContain("| ^^^^^^^^^^\n".trimEnd());
  expect(renderDiagnostic(diagnose(SOURCE, { start: 25, end: 29 }, finding))).toContain("  3 | LAST\\x1b[31m");
});

test("KubefileError() shows all diagnostics in the order of the file", () => {
  const second = diagnose(SOURCE, { start: 25, end: 29 }, { code: "UNSUPPORTED", message: "Second" });
  const first = diagnose(SOURCE, { start: 0, end: 4 }, { code: "UNSUPPORTED", message: "First" });
  const error = new KubefileError([second, first]);
  expect(error.code).toBe("KUBEFILE_INVALID");
  expect(error.message).toMatch(
    /^Cannot build "Kubefile": 2 problems\nKubefile:1:1: error: First[^]*Kubefile:3:1: error: Second/,
  );
});
