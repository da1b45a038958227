import { FLAGS, isKeyword, KEYWORDS } from "../kubefile/grammar.ts";
import type { InstructionKind } from "../kubefile/instruction.ts";
import { FLAG_HELP, INSTRUCTIONS, renderFlag } from "../kubefile/instruction-reference.ts";
import { LINT_RULES } from "../kubefile/lint/rule-table.ts";
import type { ReferencePage } from "./command-reference.ts";

const NOTICE = "Written by `make docs` from the tables of the parser; do not edit.";
const FOLDER = "kubefile";

/** A page for each instruction, one for the rules of `sealos lint`, and an index. */
export function renderKubefileReference(): readonly ReferencePage[] {
  const kinds = KEYWORDS.filter(isKeyword);
  const pages = kinds.map((kind) => ({ file: `${FOLDER}/${kind.toLowerCase()}.md`, text: renderInstruction(kind) }));
  return [
    { file: `${FOLDER}/README.md`, text: renderIndex(kinds) },
    ...pages,
    { file: `${FOLDER}/rules.md`, text: renderRules() },
  ];
}

function renderIndex(kinds: readonly InstructionKind[]): string {
  const rows = kinds.map((kind) => `- [${kind}](${kind.toLowerCase()}.md): ${INSTRUCTIONS[kind].summary}`);
  const directives = [
    "- `# syntax=…` is read and means nothing here.",
    "- `# escape=\\` or `` # escape=` `` chooses the character that escapes and continues lines.",
    "- `# check=skip=RULE,…;error=true` is for [`sealos lint`](rules.md).",
  ].join("\n");
  return page([
    "# Kubefiles",
    NOTICE,
    rows.join("\n"),
    "## Directives",
    "At the top of the file, before all else:",
    directives,
  ]);
}

function renderInstruction(kind: InstructionKind): string {
  const { summary, forms, rules, example } = INSTRUCTIONS[kind];
  const flags = Object.entries(FLAGS[kind]).map(
    ([name, type]) => `| \`${renderFlag(name, type).replaceAll("|", String.raw`\|`)}\` | ${FLAG_HELP[name] ?? ""} |`,
  );
  return page([
    `# ${kind}`,
    NOTICE,
    `${summary}.`,
    code(forms.join("\n")),
    ...(rules.length === 0 ? [] : [rules.map((rule) => `- ${rule}`).join("\n")]),
    ...(flags.length === 0 ? [] : ["## Flags", ["| Flag | Meaning |", "| --- | --- |", ...flags].join("\n")]),
    "## Example",
    code(example),
  ]);
}

function renderRules(): string {
  const rules = Object.entries(LINT_RULES).flatMap(([name, { severity, summary, reason, bad, good }]) => [
    `## ${name}`,
    `${summary} (${severity}). ${reason}`,
    code(bad),
    "Better:",
    code(good),
  ]);
  return page([
    "# Rules of sealos lint",
    NOTICE,
    "`# check=skip=RULE` at the top of a file leaves a rule out.",
    ...rules,
  ]);
}

function page(parts: readonly string[]): string {
  return `${parts.join("\n\n")}\n`;
}

function code(text: string): string {
  return `\`\`\`dockerfile\n${text}\n\`\`\``;
}
