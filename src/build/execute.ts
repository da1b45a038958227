import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";

import type { Context } from "../base/context.ts";
import type { ImageStore } from "../store/image-store.ts";
import type { BuildEnvironment } from "./build-environment.ts";
import type { BuildPlan } from "./build-plan.ts";
import { addBill } from "./image-cache/add-bill.ts";
import { commitImage, type CommittedImage } from "./commit-image.ts";
import { runStages } from "./run-stages.ts";
import { StageRun } from "./stage-run.ts";
import type { Stage } from "./stage.ts";

export interface BuiltImage extends CommittedImage {
  /** What the user may want to know. */
  readonly notes: readonly string[];
}

export interface ExecuteOptions {
  /** How many stages are run at the same time; default: as many as there are cores. */
  readonly jobs?: number | undefined;
}

/**
 * Carries a plan out: first works out what every stage comes to, then writes the layers of the last one, its
 * configuration and its manifest into the store, and gives it its names. A build that fails leaves no image.
 */
export async function executeBuild(
  ctx: Context,
  plan: BuildPlan,
  environment: BuildEnvironment & ExecuteOptions,
): Promise<BuiltImage> {
  const image = await buildWithoutName(ctx, plan, environment);
  await nameImage(ctx, environment.store, { image, names: plan.names });
  return image;
}

/** The same, for an image that becomes a part of something that is named. */
export async function buildWithoutName(
  ctx: Context,
  plan: BuildPlan,
  environment: BuildEnvironment & ExecuteOptions,
): Promise<BuiltImage> {
  const run = new StageRun(plan, environment);
  try {
    await runStages(ctx, { stages: plan.stages, run, jobs: environment.jobs ?? availableParallelism() });
    const target = run.stageAt(plan.stages.at(-1)?.index ?? 0);
    const billed = await withBill(ctx, { stage: target, plan }, run);
    const image = await commitImage(ctx, { ...billed, store: environment.store, layers: run.layers });
    return { ...image, notes: run.notes };
  } finally {
    await run.xattrs[Symbol.asyncDispose]();
    await run.namespace[Symbol.asyncDispose]();
    for (const path of run.temporaries) await rm(path, { force: true });
  }
}

/** An image that has container images says which. */
async function withBill(
  ctx: Context,
  built: { stage: Stage; plan: BuildPlan },
  run: StageRun,
): Promise<{ stage: Stage; plan: BuildPlan }> {
  const { bill } = run.environment;
  if (!bill) return built;
  if (hasRegistry(built.stage)) return addBill(ctx, { ...built, bill });
  run.note(UNUSED_CACHE);
  return built;
}

const UNUSED_CACHE =
  "The container images of the context are cached in registry/, but the image does not have it: add COPY registry registry";

function hasRegistry({ layers }: Stage): boolean {
  return layers.some(
    (layer) =>
      layer.kind === "planned" && layer.entries.some(({ entry }) => entry.path.includes("docker/registry/v2/")),
  );
}

/** Without names the image is only listed. */
export async function nameImage(
  ctx: Context,
  store: ImageStore,
  { image: { manifest }, names }: { image: Pick<CommittedImage, "manifest">; names: readonly string[] },
): Promise<void> {
  if (names.length === 0) await store.keep(ctx, manifest);
  for (const name of names) await store.tag(ctx, manifest, name);
}
