import type { Instruction } from "../instruction.ts";
import type { Kubefile } from "../parse.ts";
import { findStage, stagesOf, type LintFinding, type LintStage } from "./lint-stage.ts";
import { variablesIn } from "./variables-in.ts";

const RESERVED: ReadonlySet<string> = new Set(["scratch", "context"]);
const PLATFORM_VARIABLES = /^\$(?:\{(\w+)\}|(\w+))$/;

/** Rules about stages: their names, their platforms, and whether they are needed. */
export function checkStages(kubefile: Kubefile): readonly LintFinding[] {
  const stages = stagesOf(kubefile);
  return [
    ...stages.flatMap((stage) => checkName(stage, stages)),
    ...stages.flatMap((stage) => checkPlatform(stage, kubefile)),
    ...unusedStages(stages),
  ];
}

function checkName({ index, from: { stage } }: LintStage, stages: readonly LintStage[]): LintFinding[] {
  if (!stage) return [];
  const { span, text } = stage;
  if (RESERVED.has(text)) {
    return [
      { rule: "ReservedStageName", span, message: `"${text}" has a meaning of its own`, hint: "Choose another name" },
    ];
  }
  const isDuplicate = stages.slice(0, index).some(({ name }) => name === text);
  if (!isDuplicate) return [];
  return [
    { rule: "DuplicateStageName", span, message: `Another stage is called "${text}" too`, hint: "Rename one of them" },
  ];
}

function checkPlatform({ from }: LintStage, { escape }: Kubefile): LintFinding[] {
  const flag = from.flags.find(({ name }) => name === "platform");
  if (!flag?.value) return [];
  const { text } = flag.value;
  const [, braced, plain] = PLATFORM_VARIABLES.exec(text) ?? [];
  if ((braced ?? plain) === "TARGETPLATFORM") {
    return [
      {
        rule: "RedundantTargetPlatform",
        span: flag.span,
        message: "This platform is the default",
        hint: "Leave it out",
      },
    ];
  }
  if (variablesIn(text, escape).length > 0) return [];
  const message = `The platform is always "${text}", whatever --platform says`;
  const hint = "Use $BUILDPLATFORM or leave it out";
  return [{ rule: "FromPlatformFlagConstDisallowed", span: flag.span, message, hint }];
}

function unusedStages(stages: readonly LintStage[]): LintFinding[] {
  const used = new Set(stages.flatMap((stage) => stagesUsedBy(stage, stages)).map(({ index }) => index));
  return stages
    .slice(0, -1)
    .filter(({ index }) => !used.has(index))
    .map(({ from, index, name }) => ({
      rule: "UnusedStage",
      span: from.stage?.span ?? from.keyword,
      message: `Nothing needs stage ${name === undefined ? index : `"${name}"`}`,
      hint: "Remove it, copy from it, or build it with --target",
    }));
}

function stagesUsedBy({ index, from, instructions }: LintStage, stages: readonly LintStage[]): LintStage[] {
  const words = [from.image.text, ...instructions.flatMap(originsOf)];
  return words.flatMap((word) => findStage(stages, word, index) ?? []);
}

function originsOf(instruction: Instruction): readonly string[] {
  if (instruction.kind === "ONBUILD") return originsOf(instruction.trigger);
  return instruction.flags.flatMap(({ name, value }) => {
    if (name === "from") return value ? [value.text] : [];
    return name === "mount"
      ? [...(value?.text ?? "").matchAll(/(?:^|,)from=([^,]+)/g)].map(([, from = ""]) => from)
      : [];
  });
}
