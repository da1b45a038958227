import { array, assert, constantFrom, oneof, property, string } from "fast-check";
import { expect, test } from "vitest";

import { compileWildcards } from "../../src/build/context/wildcards.ts";
import { parseIgnoreRules } from "../../src/build/context/ignore-rules.ts";
import { expandHeredoc, expandWord } from "../../src/kubefile/expand.ts";
import { KEYWORDS } from "../../src/kubefile/grammar.ts";
import { lintKubefile } from "../../src/kubefile/lint/lint-kubefile.ts";
import { readKubefile, renderKubefile } from "../../src/kubefile/parse.ts";
import { WordError } from "../../src/kubefile/word-parts.ts";

const RUNS = { seed: 41, numRuns: 1500 };

/** Text that comes near to what files have in them. */
const PIECES = oneof(
  constantFrom(
    ...KEYWORDS,
    "\n",
    "\r\n",
    " ",
    "\t",
    "\\\n",
    "`\n",
    "#",
    "# escape=`\n",
    "<<E",
    "\nE\n",
    "--from=",
    "$",
  ),
  constantFrom("${A:-", "}", "'", '"', "[", "]", ",", "=", "\\", "\0", "\ufeff", "\ud800", "**", "!", "/./", "..", "ä"),
  string({ maxLength: 6, unit: "binary" }),
);
const TEXT = array(PIECES, { maxLength: 30 }).map((parts) => parts.join(""));

test("readKubefile() and lintKubefile() take any text: all findings inside of it, all of it printed back", () => {
  assert(
    property(TEXT, (text) => {
      const kubefile = readKubefile(text, "Kubefile");
      const all = [...kubefile.warnings, ...lintKubefile(kubefile)];
      const isInside = all.every(({ span, start }) => span.start >= 0 && span.start <= text.length && start.line > 0);
      if (!isInside) return false;
      const isComplete = !kubefile.warnings.some(({ severity }) => severity === "error");
      return !isComplete || renderKubefile(kubefile) === text;
    }),
    RUNS,
  );
});

test("expandWord() and expandHeredoc() give text or say what is wrong with a word", () => {
  const options = { lookup: (name: string) => (name === "A" ? "a*b" : undefined), escape: "\\" } as const;
  assert(
    property(TEXT, (text) => {
      for (const expand of [expandWord, expandHeredoc]) {
        try {
          if (typeof expand(text, options) !== "string") return false;
        } catch (error) {
          if (!(error instanceof WordError)) throw error;
        }
      }
      return true;
    }),
    RUNS,
  );
});

test("parseIgnoreRules() and compileWildcards() take any pattern, and a literal name matches itself", () => {
  assert(
    property(TEXT, TEXT, (pattern, path) => {
      compileWildcards(pattern);
      const rules = parseIgnoreRules(pattern);
      const literal = path.replace(/[*?[\]\\]/g, "").replaceAll("\0", "");
      return (
        typeof rules.excludes(path) === "boolean" &&
        typeof rules.mayExcept(path) === "boolean" &&
        compileWildcards(literal).test(literal)
      );
    }),
    RUNS,
  );
});

test("readKubefile() reads 10,000 lines at once and refuses a NUL byte with its place", () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => `ENV A${index}=$A${index - 1} \\\n  B=1`);
  const kubefile = readKubefile(`FROM scratch\n${lines.join("\n")}\n`, "Kubefile");
  expect(kubefile.warnings).toEqual([]);
  expect(kubefile.instructions).toHaveLength(10_001);
  expect(readKubefile("FROM scratch\nENV A=\0\n", "Kubefile").warnings).toMatchObject([
    { code: "NUL_BYTE", start: { line: 2, column: 7 } },
  ]);
});
