import type { Context } from "../base/context.ts";
import { KnownError, NotFoundError } from "../base/error.ts";
import type { BuildEnvironment } from "../build/build-environment.ts";
import type { BuildPlan, BuildStep, StagePlan } from "../build/build-plan.ts";
import { LayerCache } from "../build/cache/layer-cache.ts";
import { dependenciesOf } from "../build/plan.ts";
import { isRemote } from "../build/remote/remote-reference.ts";
import { runStage } from "../build/run-stage.ts";
import { StageRun } from "../build/stage-run.ts";
import type { Stage } from "../build/stage.ts";
import { positionOf } from "../kubefile/source.ts";
import { renderPlatform } from "../oci/platform.ts";
import type { BuildRequest } from "./build-image.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { toLocalName } from "./local-name.ts";
import { openBuildEnvironment } from "./open-build-environment.ts";
import { choosePlatforms, planImage } from "./plan-image.ts";

/** What a build would do. */
export interface BuildPreview {
  readonly names: readonly string[];
  readonly platforms: readonly PlatformPreview[];
}

export interface PlatformPreview {
  readonly platform: string;
  readonly format: string;
  readonly compression: string;
  readonly stages: readonly StagePreview[];
  readonly notes: readonly string[];
}

export interface StagePreview {
  readonly index: number;
  readonly name?: string | undefined;
  readonly base: string;
  readonly platform: string;
  /** Of the stages that it needs. */
  readonly needs: readonly number[];
  readonly steps: readonly { readonly line: number; readonly instruction: string }[];
  /** Those that are not in the base image yet; absent when they cannot be known before the build. */
  readonly layers?: readonly LayerPreview[];
  /** Why the layers are not known. */
  readonly unknown?: string;
}

export interface LayerPreview {
  readonly instruction: string;
  readonly entries: number;
  /** Of the files in it. */
  readonly sizeBytes: number;
  /** The same for the same content, on every machine. Absent when the files have not been read. */
  readonly cacheKey?: string | undefined;
  readonly isCached: boolean;
}

/**
 * Says what `buildImage` would do: nothing is built, pulled or run, and no container images are cached. Layers are known
 * as far as that goes without.
 */
export async function previewBuild(
  ctx: Context,
  environment: ImageEnvironment,
  request: BuildRequest,
): Promise<BuildPreview> {
  const platforms: PlatformPreview[] = [];
  for (const platform of await choosePlatforms(ctx, environment, request)) {
    const plan = planImage(environment, { ...request, platform });
    const inputs = { ...request, platform, savesImages: false, policy: "never" } as const;
    const surroundings = await openBuildEnvironment(ctx, environment, inputs);
    const { now, reads, verifies, maxAgeMs } = request.cache ?? { now: () => 0, reads: false, verifies: false };
    const cache = new LayerCache(environment.store, { now, reads, verifies, maxAgeMs });
    const stages = await previewStages(ctx, plan, { surroundings, cache });
    const { format, compression, notes } = plan;
    platforms.push({ platform: renderPlatform(platform), format, compression, stages, notes });
  }
  return { names: request.tags.map(toLocalName), platforms };
}

interface Surroundings {
  readonly surroundings: BuildEnvironment;
  readonly cache: LayerCache;
}

async function previewStages(
  ctx: Context,
  plan: BuildPlan,
  { surroundings, cache }: Surroundings,
): Promise<StagePreview[]> {
  const run = new StageRun(plan, surroundings);
  const previews: StagePreview[] = [];
  for (const stage of plan.stages) {
    const common = describeStage(stage, plan);
    const unknown = whyUnknown(stage, previews);
    const result = unknown === undefined ? await tryStage(ctx, stage, run) : unknown;
    if (typeof result === "string") previews.push({ ...common, unknown: result });
    else {
      run.finish(stage.index, result);
      previews.push({ ...common, layers: await previewLayers(ctx, result, { plan, cache }) });
    }
  }
  return previews;
}

function describeStage(stage: StagePlan, { source }: BuildPlan): StagePreview {
  const { index, name, base, platform, steps } = stage;
  return {
    index,
    name,
    base: base.kind === "scratch" ? "scratch" : base.kind === "image" ? base.name : `stage ${base.index}`,
    platform: renderPlatform(platform),
    needs: [...new Set(dependenciesOf(stage))],
    steps: steps.map(({ instruction }) => ({
      line: positionOf(source, instruction.span.start).line,
      instruction: instruction.text,
    })),
  };
}

function whyUnknown(stage: StagePlan, earlier: readonly StagePreview[]): string | undefined {
  const blocking = dependenciesOf(stage).find(
    (needed) => earlier.find(({ index }) => index === needed)?.unknown !== undefined,
  );
  if (blocking !== undefined) return `stage ${blocking} is not known`;
  const step = stage.steps.find((candidate) => !isKnowable(candidate));
  return step && `${step.instruction.kind} has to be done first`;
}

/** Commands and downloads are left to the build. */
function isKnowable(step: BuildStep): boolean {
  if (step.op === "configure") return true;
  if (step.op !== "add-layer") return false;
  return step.instruction.kind === "COPY" || !step.instruction.sources.some(({ text }) => isRemote(text));
}

/** @returns a reason when an image is not in the store. */
async function tryStage(ctx: Context, stage: StagePlan, run: StageRun): Promise<Stage | string> {
  try {
    return await runStage(ctx, stage, run);
  } catch (error) {
    if (hasCause(error)) return "an image has to be pulled first";
    throw error;
  }
}

function hasCause(error: unknown): boolean {
  if (error instanceof NotFoundError) return true;
  return error instanceof KnownError && error.cause !== undefined && hasCause(error.cause);
}

async function previewLayers(
  ctx: Context,
  { layers }: Stage,
  { plan, cache }: { plan: BuildPlan; cache: LayerCache },
): Promise<LayerPreview[]> {
  const previews: LayerPreview[] = [];
  for (const layer of layers) {
    if (layer.kind !== "planned") continue;
    const { keys, found } = await cache.look(ctx, layer.entries, plan.compression);
    previews.push({
      instruction: layer.title,
      entries: layer.entries.length,
      sizeBytes: layer.entries.reduce((sum, { entry }) => sum + entry.size, 0),
      cacheKey: keys.content,
      isCached: found !== undefined,
    });
  }
  return previews;
}
