import type { Instruction } from "../../kubefile/instruction.ts";
import type { Span } from "../../kubefile/source.ts";

/** One shell line of CMD or ENTRYPOINT, and where the command stands. */
export interface CommandText {
  readonly text: string;
  readonly span: Span;
}

/** What runs when an image of a stage with these instructions is run: only the last CMD and ENTRYPOINT count. */
export function commandTexts(instructions: readonly Instruction[]): readonly CommandText[] {
  return (["ENTRYPOINT", "CMD"] as const).flatMap((kind) => {
    const last = instructions.findLast((instruction) => instruction.kind === kind);
    if (last?.kind !== "CMD" && last?.kind !== "ENTRYPOINT") return [];
    const { command } = last;
    const texts = command.form === "exec" ? command.arguments : [command.text];
    return texts.map((text) => ({ text, span: command.span }));
  });
}
