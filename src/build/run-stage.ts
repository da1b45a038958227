import type { Context } from "../base/context.ts";
import { assertNever, KnownError } from "../base/error.ts";
import { lazily } from "../base/lazily.ts";
import { parseKubefile } from "../kubefile/parse.ts";
import { BASE_DIGEST, BASE_NAME } from "../oci/base-annotations.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { ImageStore } from "../store/image-store.ts";
import { addLayer } from "./add-layer.ts";
import { imageStage, scratchStage } from "./base-image.ts";
import type { BuildStep, StagePlan } from "./build-plan.ts";
import { configure } from "./configure.ts";
import type { MemoryTree } from "./context/memory-tree.ts";
import { resolvePath } from "./context/resolve-path.ts";
import { findImageAt } from "./find-image-at.ts";
import { LayerDraft, type Owner } from "./layer/layer-draft.ts";
import { parseOwner } from "./layer/owner.ts";
import { atPlace } from "./place.ts";
import { planBuild } from "./plan.ts";
import { runInstruction } from "./run/run-instruction.ts";
import type { StageRun } from "./stage-run.ts";
import type { Stage, StageLayer } from "./stage.ts";
import { toTime } from "./time.ts";
import { ValueError } from "./value-error.ts";

/** Works out what a stage comes to. Only what is needed to know that is read; no layer is written. */
export async function runStage(ctx: Context, plan: StagePlan, run: StageRun): Promise<Stage> {
  const base = await openBase(ctx, plan, run);
  const { OnBuild: triggers = [], ...config } = base.state.config;
  if (triggers.length === 0) return runSteps(ctx, { stage: base, plan, steps: plan.steps }, run);
  const stage = { ...base, state: { ...base.state, config }, manifest: undefined };
  const triggered = await runTriggers(ctx, { stage, plan, triggers }, run);
  return runSteps(ctx, { stage: triggered, plan, steps: plan.steps }, run);
}

/** A stage that another one is based on hands on its arguments too; its tree is not that of the new one. */
async function openBase(ctx: Context, { base, platform, instruction }: StagePlan, run: StageRun): Promise<Stage> {
  switch (base.kind) {
    case "scratch":
      return scratchStage(platform);
    case "image": {
      const wanted = { name: base.name, platform, span: instruction.image.span };
      const { store } = run.environment;
      const manifest = await findImageAt(ctx, wanted, run);
      return {
        ...(await imageStage(ctx, store, manifest)),
        base: await describeBase(ctx, store, { name: base.name, manifest }),
      };
    }
    case "stage": {
      const stage = run.stageAt(base.index);
      const openTree = lazily(async () => (await stage.openTree(ctx)).clone());
      return { ...stage, state: { ...stage.state, hasOwnCommand: false }, openTree };
    }
    default:
      return assertNever(base);
  }
}

/** What `sealos rebase` and other tools find the base image by. */
async function describeBase(
  ctx: Context,
  store: ImageStore,
  { name, manifest }: { name: string; manifest: Descriptor },
): Promise<Stage["base"]> {
  const found = await store.find(ctx, name).catch((error: unknown) => {
    if (error instanceof KnownError) return undefined; // it has no name of its own, such as oci:DIR
    throw error;
  });
  return found?.name === undefined ? undefined : { [BASE_NAME]: found.name, [BASE_DIGEST]: manifest.digest };
}

interface StageSteps {
  readonly stage: Stage;
  readonly plan: StagePlan;
  readonly steps: readonly BuildStep[];
}

async function runSteps(ctx: Context, { stage, plan, steps }: StageSteps, run: StageRun): Promise<Stage> {
  const openTree = lazily(() => stage.openTree(ctx));
  let current: Stage = { ...stage, openTree };
  for (const step of steps) {
    ctx.signal.throwIfAborted();
    current = { ...(await runStep(ctx, { stage: current, plan, step }, run)), manifest: undefined };
  }
  return current;
}

/** What a base image wants to be done in the stages that are based on it, in its own words. */
async function runTriggers(
  ctx: Context,
  { stage, plan, triggers }: { stage: Stage; plan: StagePlan; triggers: readonly string[] },
  run: StageRun,
): Promise<Stage> {
  const name = `ONBUILD of ${plan.instruction.image.text}`;
  const kubefile = parseKubefile(`FROM scratch\n${triggers.join("\n")}\n`, name);
  const { given } = run.plan.arguments;
  const planned = planBuild(kubefile, { platform: run.plan.platform, buildArguments: given });
  const steps = planned.stages.flatMap((only) => only.steps);
  return runSteps(
    ctx,
    { stage, plan, steps },
    run.within({ ...run.plan, source: planned.source, escape: planned.escape }),
  );
}

interface StageStep {
  readonly stage: Stage;
  readonly plan: StagePlan;
  readonly step: BuildStep;
}

async function runStep(ctx: Context, { stage, plan, step }: StageStep, run: StageRun): Promise<Stage> {
  const { source, escape, arguments: sources } = run.plan;
  const { instruction } = step;
  if (step.op === "add-layer") {
    const layer = await addLayer(ctx, { stage, step, platform: plan.platform }, run);
    return withLayer(stage, layer, run);
  }
  if (step.op === "run") return runInstruction(ctx, { stage, step, platform: plan.platform }, run);
  const place = { source, span: instruction.span };
  const state = atPlace(place, () => configure(stage.state, step.instruction, { escape, sources }));
  const configured = { ...stage, state };
  if (step.instruction.kind !== "WORKDIR") return withLayer(configured, { title: instruction.text, entries: [] }, run);
  const tree = await stage.openTree(ctx);
  const entries = atPlace(place, () => makeWorkingDirectory(tree, configured, run));
  return withLayer(configured, { title: instruction.text, entries }, run);
}

function makeWorkingDirectory(tree: MemoryTree, { state }: Stage, { plan }: StageRun): LayerEntries {
  const draft = new LayerDraft(tree, { mtime: plan.epoch });
  const { path } = resolvePath(tree, state.config.WorkingDir ?? "/");
  draft.makeFolders(path, ownerOf(state.config.User, tree));
  return draft.entries();
}

type LayerEntries = Extract<StageLayer, { kind: "planned" }>["entries"];

/** The user may be one that the image does not know: then the folder is root's. */
function ownerOf(user: string | undefined, tree: MemoryTree): Owner {
  try {
    return user ? parseOwner(user, tree) : { uid: 0, gid: 0 };
  } catch (error) {
    if (error instanceof ValueError) return { uid: 0, gid: 0 };
    throw error;
  }
}

/** Every instruction has its line in the history; one that adds no file has no layer. */
function withLayer(stage: Stage, layer: { title: string; entries: LayerEntries }, { plan }: StageRun): Stage {
  const entry = { created: toTime(plan.epoch), created_by: layer.title };
  if (layer.entries.length === 0) return { ...stage, history: [...stage.history, { ...entry, empty_layer: true }] };
  return { ...stage, layers: [...stage.layers, { kind: "planned", ...layer }], history: [...stage.history, entry] };
}
