import { applyArg, applyEnv } from "../apply-variables.ts";
import type { BuildPlan, StagePlan } from "../build-plan.ts";
import type { Variables } from "../variables.ts";
import type { TemplateData } from "./template-images.ts";

const NO_VARIABLES: Variables = { args: new Map(), env: new Map() };

/** The environment that a plan gives its image, as far as it is known without base images. */
export function plannedEnvironment(plan: BuildPlan): TemplateData {
  const target = plan.stages.at(-1);
  const { env } = target ? variablesOf(target, plan) : NO_VARIABLES;
  return { ...Object.fromEntries(env), ...plan.environment };
}

function variablesOf({ base, steps }: StagePlan, plan: BuildPlan): Variables {
  const below = base.kind === "stage" ? plan.stages.find(({ index }) => index === base.index) : undefined;
  let variables: Variables = { ...NO_VARIABLES, env: below ? variablesOf(below, plan).env : NO_VARIABLES.env };
  for (const step of steps) {
    if (step.op !== "configure") continue;
    const expansion = { escape: plan.escape, variables };
    if (step.instruction.kind === "ARG") variables = applyArg(step.instruction, expansion, plan.arguments);
    if (step.instruction.kind === "ENV") variables = applyEnv(step.instruction, expansion);
  }
  return variables;
}
