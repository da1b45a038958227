import { diagnose, renderDiagnostic, type Diagnostic } from "../kubefile/diagnostic.ts";
import { KubefileError } from "../kubefile/errors.ts";
import type { ArgInstruction, FromInstruction, Instruction } from "../kubefile/instruction.ts";
import type { Kubefile } from "../kubefile/parse.ts";
import { InputError } from "../base/error.ts";
import { applyArg } from "./apply-variables.ts";
import type { BuildPlan, PlanOptions, StagePlan } from "./build-plan.ts";
import { planStage, type PlannedStage, type StageSource } from "./plan-stage.ts";
import { platformArguments, type ArgumentSources, type Variables } from "./variables.ts";

/**
 * Decides what a build does: which stages are needed, what each is based on, where files come from.
 * @throws {KubefileError} with everything in the needed stages that cannot be done
 */
export function planBuild(kubefile: Kubefile, options: PlanOptions): BuildPlan {
  const { source, escape, instructions } = kubefile;
  const sources = globalArguments(kubefile, options);
  const planned: PlannedStage[] = [];
  for (const stage of splitStages(instructions)) {
    planned.push(planStage(stage, { kubefile, options, sources, earlier: planned }));
  }
  const stages = neededStages(planned, findTarget(planned, options.target), options);
  const findings = stages.flatMap(({ findings }) => findings);
  if (findings.length > 0) throw new KubefileError(findings.map(([span, finding]) => diagnose(source, span, finding)));
  return {
    source,
    escape,
    stages: stages.map(({ plan }) => plan),
    arguments: sources,
    platform: options.platform,
    epoch: options.epoch ?? 0,
    compression: options.compression ?? "none",
    labels: options.labels ?? {},
    environment: options.environment ?? {},
    annotations: options.annotations ?? {},
    unsetEnvironment: options.unsetEnvironment ?? [],
    format: options.format ?? "oci",
    squash: options.squash ?? false,
    omitHistory: options.omitHistory ?? false,
    osVersion: options.osVersion,
    osFeatures: options.osFeatures ?? [],
    names: options.names ?? [],
    notes: [
      ...kubefile.warnings.map((warning: Diagnostic) => renderDiagnostic(warning)),
      ...unusedArguments(kubefile, options),
    ],
  };
}

/** ARG before the first FROM. Those of the platform can be used there without being declared. */
function globalArguments({ instructions, escape }: Kubefile, options: PlanOptions): ArgumentSources {
  const predefined = platformArguments(options.platform, options.buildPlatform ?? options.platform);
  const given = options.buildArguments ?? {};
  const firstFrom = instructions.findIndex(({ kind }) => kind === "FROM");
  const start: Variables = { args: new Map(Object.entries(predefined)), env: new Map() };
  const variables = instructions
    .slice(0, firstFrom)
    .filter((instruction): instruction is ArgInstruction => instruction.kind === "ARG")
    .reduce(
      (current, arg) => applyArg(arg, { escape, variables: current }, { given, global: new Map(), predefined }),
      start,
    );
  return { given, global: variables.args, predefined };
}

function splitStages(instructions: readonly Instruction[]): StageSource[] {
  const starts = instructions.flatMap((instruction, start) =>
    instruction.kind === "FROM" ? [{ instruction, start }] : [],
  );
  return starts.map(({ instruction, start }, index) => ({
    index,
    from: instruction satisfies FromInstruction,
    instructions: instructions.slice(start + 1, starts[index + 1]?.start),
  }));
}

function findTarget(planned: readonly PlannedStage[], target: string | undefined): PlannedStage {
  const found =
    target === undefined
      ? planned.at(-1)
      : (planned.findLast(({ plan }) => plan.name === target.toLowerCase()) ??
        (/^[0-9]+$/.test(target) ? planned[Number(target)] : undefined));
  if (found) return found;
  const names = planned.map(({ plan }) => plan.name ?? String(plan.index)).join(", ");
  throw new InputError(`Cannot build target "${target}": the stages are ${names}`, {
    hint: "Give one of these names to --target",
  });
}

function neededStages(
  planned: readonly PlannedStage[],
  target: PlannedStage,
  { keepsUnusedStages = false }: PlanOptions,
): readonly PlannedStage[] {
  if (keepsUnusedStages) return planned.slice(0, target.plan.index + 1);
  const needed = new Set<number>();
  const visit = ({ plan }: PlannedStage): void => {
    if (needed.has(plan.index)) return;
    needed.add(plan.index);
    for (const index of dependenciesOf(plan)) {
      const dependency = planned[index];
      if (dependency) visit(dependency);
    }
  };
  visit(target);
  return planned.filter(({ plan }) => needed.has(plan.index));
}

/** The earlier stages that a stage takes files from or is based on. */
export function dependenciesOf({ base, steps }: StagePlan): number[] {
  const origins = steps.flatMap((step) => {
    if (step.op === "run") return [...step.origins.values()];
    return step.op === "add-layer" ? [step.from] : [];
  });
  const copied = origins.flatMap((origin) => (origin.kind === "stage" ? [origin.index] : []));
  return base.kind === "stage" ? [base.index, ...copied] : copied;
}

/** Proxies and the like may be given to every build. */
const USUAL_ARGUMENTS = /^(https?|ftp|no|all)_proxy$/i;

function unusedArguments({ instructions }: Kubefile, { buildArguments = {} }: PlanOptions): string[] {
  const declared = new Set(
    instructions.flatMap((instruction) =>
      instruction.kind === "ARG" ? instruction.pairs.map(({ name }) => name.text) : [],
    ),
  );
  const unused = Object.keys(buildArguments).filter((name) => !declared.has(name) && !USUAL_ARGUMENTS.test(name));
  return unused.map((name) => `No ARG declares the build argument "${name}"`);
}
