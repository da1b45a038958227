import { rm } from "node:fs/promises";

import { bytesOf } from "../base/bytes.ts";
import { runTask, type Context } from "../base/context.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { digestOf } from "../oci/digest.ts";
import type { ImageConfig } from "../oci/image-config.ts";
import { isImageIndex, parseManifest, type Manifest } from "../oci/manifest.ts";
import { MEDIA_TYPES } from "../oci/media-type.ts";
import { fetchDocument } from "../oci/verify.ts";
import type { ImageStore } from "../store/image-store.ts";
import type { BuildEnvironment } from "./build-environment.ts";
import type { BuildPlan, StagePlan } from "./build-plan.ts";
import { finishState } from "./finish-state.ts";
import { runStage } from "./run-stage.ts";
import { StageRun } from "./stage-run.ts";
import { toExecutionConfig } from "./stage-state.ts";
import type { Stage } from "./stage.ts";
import { toTime } from "./time.ts";
import { writeLayers, type BuiltLayer } from "./write-layers.ts";

export interface BuiltImage {
  readonly manifest: Descriptor;
  /** Its digest is the image ID. */
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  /** What the user may want to know. */
  readonly notes: readonly string[];
}

/**
 * Carries a plan out: first works out what every stage comes to, then writes the layers of the last one, its
 * configuration, its manifest and its names into the store. A build that fails leaves no image.
 */
export async function executeBuild(ctx: Context, plan: BuildPlan, environment: BuildEnvironment): Promise<BuiltImage> {
  const stages = new Map<number, Stage>();
  const shared = {
    stages,
    notes: new Set([...plan.notes, ...(environment.notes ?? [])]),
    temporaries: new Set<string>(),
  };
  const run = new StageRun(plan, environment, shared);
  try {
    let target: Stage | undefined;
    for (const stagePlan of plan.stages) {
      target = await runTask(ctx, titleOf(stagePlan), (inner) => runStage(inner, stagePlan, run));
      stages.set(stagePlan.index, target);
    }
    if (!target) throw new Error("A plan has at least one stage");
    if (environment.cachedImages && !hasRegistry(target)) run.note(UNUSED_CACHE);
    const image = await commit(ctx, target, { plan, store: environment.store });
    await nameImage(ctx, image.manifest, { plan, store: environment.store });
    return { ...image, notes: [...shared.notes] };
  } finally {
    for (const path of shared.temporaries) await rm(path, { force: true });
  }
}

const UNUSED_CACHE =
  "The images of images/shim are cached in registry/, but the image does not have it: add COPY registry registry";

function hasRegistry({ layers }: Stage): boolean {
  return layers.some(
    (layer) =>
      layer.kind === "planned" && layer.entries.some(({ entry }) => entry.path.includes("docker/registry/v2/")),
  );
}

function titleOf({ index, name, instruction }: StagePlan): string {
  return `stage ${name ?? index}: ${instruction.text}`;
}

interface Commit {
  readonly plan: BuildPlan;
  readonly store: ImageStore;
}

type Image = Omit<BuiltImage, "notes">;

async function commit(ctx: Context, stage: Stage, { plan, store }: Commit): Promise<Image> {
  if (stage.manifest && changesNothing(plan)) return baseImage(ctx, store, stage.manifest);
  const layers = await writeLayers(ctx, store, { layers: stage.layers, compression: plan.compression });
  const config = await pushDocument(ctx, store, {
    document: toConfig(stage, layers, plan),
    mediaType: MEDIA_TYPES.ociConfig,
  });
  const document = toManifest(config, layers, plan);
  const manifest = await pushDocument(ctx, store, { document, mediaType: MEDIA_TYPES.ociManifest });
  return { manifest, config, layers: document.layers };
}

/** A file with nothing but FROM gives the base image itself. */
async function baseImage(ctx: Context, store: ImageStore, manifest: Descriptor): Promise<Image> {
  const document = parseManifest(await fetchDocument(ctx, store, manifest), manifest.mediaType);
  if (isImageIndex(document)) throw new Error("A stage is based on a manifest");
  return { manifest, config: document.config, layers: document.layers };
}

function changesNothing({ labels, environment, annotations }: BuildPlan): boolean {
  return [labels, environment, annotations].every((values) => Object.keys(values).length === 0);
}

function toConfig(stage: Stage, layers: readonly BuiltLayer[], plan: BuildPlan): ImageConfig {
  const state = finishState(stage.state, plan);
  const { architecture, os, variant } = stage.image;
  return {
    created: toTime(plan.epoch),
    ...(state.author === undefined ? {} : { author: state.author }),
    architecture,
    os,
    ...(variant === undefined ? {} : { variant }),
    config: toExecutionConfig(state),
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    history: stage.history,
  };
}

function toManifest(config: Descriptor, layers: readonly BuiltLayer[], { annotations }: BuildPlan): Manifest {
  return {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config,
    layers: layers.map(({ descriptor }) => descriptor),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}

/** Serialised once: these bytes are hashed and stored. */
async function pushDocument(
  ctx: Context,
  store: ImageStore,
  { document, mediaType }: { document: ImageConfig | Manifest; mediaType: string },
): Promise<Descriptor> {
  const content = Buffer.from(JSON.stringify(document));
  const descriptor: Descriptor = { mediaType, digest: digestOf(content), size: content.byteLength };
  await store.push(ctx, descriptor, bytesOf(content));
  return descriptor;
}

async function nameImage(ctx: Context, manifest: Descriptor, { plan, store }: Commit): Promise<void> {
  if (plan.names.length === 0) await store.keep(ctx, manifest);
  for (const name of plan.names) await store.tag(ctx, manifest, name);
}
