import type { CommandLine } from "../../kubefile/instruction.ts";
import { applyArg, applyEnv } from "../apply-variables.ts";
import type { BuildPlan, ConfigInstruction, StagePlan } from "../build-plan.ts";
import type { Variables } from "../variables.ts";
import type { ImageSettings } from "./helm-commands.ts";

interface StageSettings {
  readonly variables: Variables;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

const NO_SETTINGS: StageSettings = { variables: { args: new Map(), env: new Map() }, entrypoint: [], command: [] };

/** The environment and command lines that a plan gives its image, as far as they are known without base images. */
export function plannedSettings(plan: BuildPlan): ImageSettings {
  const target = plan.stages.at(-1);
  const { variables, entrypoint, command } = target ? settingsOf(target, plan) : NO_SETTINGS;
  return {
    environment: { ...Object.fromEntries(variables.env), ...plan.environment },
    commands: [...entrypoint, ...command],
  };
}

function settingsOf({ base, steps }: StagePlan, plan: BuildPlan): StageSettings {
  const below = base.kind === "stage" ? plan.stages.find(({ index }) => index === base.index) : undefined;
  const inherited = below ? settingsOf(below, plan) : NO_SETTINGS;
  const start: StageSettings = { ...inherited, variables: { args: new Map(), env: inherited.variables.env } };
  return steps
    .flatMap((step) => (step.op === "configure" ? [step.instruction] : []))
    .reduce((settings, instruction) => apply(settings, instruction, plan), start);
}

function apply(settings: StageSettings, instruction: ConfigInstruction, plan: BuildPlan): StageSettings {
  const expansion = { escape: plan.escape, variables: settings.variables };
  const { kind } = instruction;
  if (kind === "ARG") return { ...settings, variables: applyArg(instruction, expansion, plan.arguments) };
  if (kind === "ENV") return { ...settings, variables: applyEnv(instruction, expansion) };
  if (kind === "CMD") return { ...settings, command: linesOf(instruction.command) };
  return kind === "ENTRYPOINT" ? { ...settings, entrypoint: linesOf(instruction.command) } : settings;
}

/** An element of the exec form is a whole shell line. */
function linesOf(command: CommandLine): readonly string[] {
  return command.form === "exec" ? command.arguments : [command.text];
}
