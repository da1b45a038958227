import { bytesOf } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import { InputError } from "../base/error.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { digestOf } from "../oci/digest.ts";
import type { ImageConfig } from "../oci/image-config.ts";
import { isImageIndex, parseManifest, type Manifest } from "../oci/manifest.ts";
import { findCompression, MEDIA_TYPES } from "../oci/media-type.ts";
import { fetchDocument } from "../oci/verify.ts";
import type { ImageStore } from "../store/image-store.ts";
import type { BuildPlan } from "./build-plan.ts";
import { finishState } from "./finish-state.ts";
import { squashStage } from "./squash-stage.ts";
import { toExecutionConfig } from "./stage-state.ts";
import type { Stage } from "./stage.ts";
import { toTime } from "./time.ts";
import type { BuiltLayer, LayerWriter } from "./write-layers.ts";

export interface CommittedImage {
  readonly manifest: Descriptor;
  /** Its digest is the image ID. */
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface CommitRequest {
  readonly stage: Stage;
  readonly plan: BuildPlan;
  readonly store: ImageStore;
  readonly layers: LayerWriter;
}

/** Writes what a stage comes to: layers that are not in the store yet, then the configuration, then the manifest. */
export async function commitImage(ctx: Context, request: CommitRequest): Promise<CommittedImage> {
  const { plan, store } = request;
  if (request.stage.manifest && changesNothing(plan)) return baseImage(ctx, store, request.stage.manifest);
  const stage = plan.squash ? await squashStage(ctx, request.stage, plan) : request.stage;
  const layers = await request.layers.writeAll(ctx, stage.layers);
  const types = DOCUMENT_TYPES[plan.format];
  const config = await pushDocument(ctx, store, { document: toConfig(stage, layers, plan), mediaType: types.config });
  // A squashed image has no layer of its base, and manifests of Docker have no annotations.
  const base = plan.squash || plan.format === "docker" ? {} : stage.base;
  const annotations = { ...base, ...plan.annotations };
  const document = toManifest(config, layers, { ...plan, annotations });
  const manifest = await pushDocument(ctx, store, { document, mediaType: types.manifest });
  return { manifest, config, layers: document.layers };
}

const DOCUMENT_TYPES = {
  oci: { manifest: MEDIA_TYPES.ociManifest, config: MEDIA_TYPES.ociConfig },
  docker: { manifest: MEDIA_TYPES.dockerManifest, config: MEDIA_TYPES.dockerConfig },
} as const;

/** A file with nothing but FROM gives the base image itself. */
async function baseImage(ctx: Context, store: ImageStore, manifest: Descriptor): Promise<CommittedImage> {
  const document = parseManifest(await fetchDocument(ctx, store, manifest), manifest.mediaType);
  if (isImageIndex(document)) throw new Error("A stage is based on a manifest");
  return { manifest, config: document.config, layers: document.layers };
}

function changesNothing(plan: BuildPlan): boolean {
  const values = [plan.labels, plan.environment, plan.annotations, plan.unsetEnvironment, plan.osFeatures];
  const isPlain = plan.format === "oci" && !plan.squash && !plan.omitHistory && plan.osVersion === undefined;
  return isPlain && values.every((value) => Object.keys(value).length === 0);
}

function toConfig(stage: Stage, layers: readonly BuiltLayer[], plan: BuildPlan): ImageConfig {
  const state = finishState(stage.state, plan);
  const { architecture, os, variant } = stage.image;
  const osVersion = plan.osVersion ?? stage.image["os.version"];
  const osFeatures = plan.osFeatures.length > 0 ? plan.osFeatures : stage.image["os.features"];
  return {
    created: toTime(plan.epoch),
    ...(state.author === undefined ? {} : { author: state.author }),
    architecture,
    os,
    ...(osVersion === undefined ? {} : { "os.version": osVersion }),
    ...(osFeatures === undefined ? {} : { "os.features": osFeatures }),
    ...(variant === undefined ? {} : { variant }),
    config: toExecutionConfig(state),
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    ...(plan.omitHistory ? {} : { history: stage.history }),
  };
}

function toManifest(config: Descriptor, layers: readonly BuiltLayer[], { annotations, format }: BuildPlan): Manifest {
  return {
    schemaVersion: 2,
    mediaType: DOCUMENT_TYPES[format].manifest,
    config,
    layers: layers.map(({ descriptor }) => (format === "docker" ? toDockerLayer(descriptor) : descriptor)),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}

/** A layer's bytes are the same under Docker's media type as under OCI's. */
function toDockerLayer({ mediaType, digest, size }: Descriptor): Descriptor {
  const compression = findCompression(mediaType);
  if (compression === "none") return { mediaType: MEDIA_TYPES.dockerLayer, digest, size };
  if (compression === "gzip") return { mediaType: MEDIA_TYPES.dockerLayerGzip, digest, size };
  throw new InputError(
    `Cannot write layer ${digest} into an image of format docker: its media type is "${mediaType}"`,
    {
      hint: "Use --format oci, or layers without zstd",
    },
  );
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
