import type { FromInstruction, Instruction } from "../instruction.ts";
import type { Kubefile } from "../parse.ts";
import type { Span } from "../source.ts";
import type { LintRuleName } from "./rule-table.ts";

/** What a rule finds. */
export interface LintFinding {
  readonly rule: LintRuleName;
  readonly span: Span;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** A stage as it is written. */
export interface LintStage {
  readonly index: number;
  readonly name: string | undefined;
  readonly from: FromInstruction;
  readonly instructions: readonly Instruction[];
}

/** The stages of a file, in its order. */
export function stagesOf({ instructions }: Pick<Kubefile, "instructions">): readonly LintStage[] {
  const stages: { from: FromInstruction; instructions: Instruction[] }[] = [];
  for (const instruction of instructions) {
    if (instruction.kind === "FROM") stages.push({ from: instruction, instructions: [] });
    else stages.at(-1)?.instructions.push(instruction);
  }
  return stages.map(({ from, instructions: own }, index) => ({
    index,
    name: from.stage?.text,
    from,
    instructions: own,
  }));
}

/** The stage before `before` that a word of FROM, `--from` or a mount names; undefined for an image or a context. */
export function findStage(stages: readonly LintStage[], word: string, before: number): LintStage | undefined {
  const earlier = stages.slice(0, before);
  const named = earlier.findLast(({ name }) => name === word.toLowerCase());
  return named ?? (/^[0-9]+$/.test(word) ? earlier[Number(word)] : undefined);
}
