import { availableParallelism } from "node:os";

import { mapLimit } from "../base/concurrency.ts";
import { runTask, type Context } from "../base/context.ts";
import { buildWithoutName, nameImage, type BuiltImage } from "../build/execute.ts";
import { plannedSettings } from "../build/scan/planned-settings.ts";
import { LayerWriter } from "../build/write-layers.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { renderPlatform, type Platform } from "../oci/platform.ts";
import { BuildCache, type BuildCacheOptions } from "./build-cache.ts";
import { addImagesToList, makeIndex, type PlatformImage } from "./build-index.ts";
import { writeOutput, type BuildOutput } from "./build-output.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { toLocalName } from "./local-name.ts";
import { openBuildEnvironment, type BuildInputs } from "./open-build-environment.ts";
import { choosePlatforms, planImage, type ImageSpecification } from "./plan-image.ts";

export interface BuildRequest extends BuildInputs, ImageSpecification {
  /** Names of the image; short ones belong to `localhost`. */
  readonly tags: readonly string[];
  /** Name of an index that the images are added to. */
  readonly list?: string | undefined;
  /** Absent: no layer is taken from a cache or put into one. */
  readonly cache?: BuildCacheOptions | undefined;
  /** How many stages, and how many platforms, are built at the same time; default: as many as there are cores. */
  readonly jobs?: number | undefined;
  /** Where else the image is written to. */
  readonly outputs?: readonly BuildOutput[];
}

export interface BuildResult {
  /** Of an image for several platforms the digest. */
  readonly id: Digest;
  readonly digest: Digest;
  readonly names: readonly string[];
  /** What the user may want to know. */
  readonly notes: readonly string[];
}

/** Builds an image from a Kubefile into the store. A build that fails leaves no image. */
export async function buildImage(
  ctx: Context,
  environment: ImageEnvironment,
  request: BuildRequest,
): Promise<BuildResult> {
  const { store } = environment;
  const names = request.tags.map(toLocalName);
  const platforms = await choosePlatforms(ctx, environment, request);
  await using cache = request.cache && (await BuildCache.open(ctx, environment, request.cache));
  const layers = new LayerWriter(store, { compression: request.compression ?? "none", cache: cache?.layers });
  const limit = Math.min(request.jobs ?? availableParallelism(), platforms.length);
  const images = await mapLimit(ctx, { items: platforms, limit }, (inner, platform) =>
    buildForPlatform(inner, environment, { ...request, platform, layers, isOneOfSeveral: platforms.length > 1 }),
  );
  const root = await toRoot(ctx, environment, { images, annotations: request.annotations });
  const { list, outputs = [] } = request;
  if (list !== undefined) await addImagesToList(ctx, environment, { name: list, images });
  const isKeptOtherwise = names.length === 0 && (list !== undefined || outputs.length > 0);
  if (!isKeptOtherwise) await nameImage(ctx, store, { image: { manifest: root.manifest }, names });
  for (const output of outputs) await writeOutput(ctx, store, { output, root: root.manifest, images, names });
  await cache?.keep(ctx);
  const notes = [...new Set(images.flatMap((image) => image.notes))];
  return { id: root.id, digest: root.manifest.digest, names, notes };
}

interface PlatformBuild {
  readonly platform: Platform;
  readonly layers: LayerWriter;
  readonly isOneOfSeveral: boolean;
}

async function buildForPlatform(
  ctx: Context,
  environment: ImageEnvironment,
  request: BuildRequest & PlatformBuild,
): Promise<BuiltImage & PlatformImage> {
  const { platform, layers, jobs, isOneOfSeveral } = request;
  const build = async (inner: Context): Promise<BuiltImage & PlatformImage> => {
    const plan = planImage(environment, request);
    const settings = plannedSettings(plan);
    const surroundings = await openBuildEnvironment(inner, environment, { ...request, settings });
    return { ...(await buildWithoutName(inner, plan, { ...surroundings, layers, jobs })), platform };
  };
  return isOneOfSeveral ? runTask(ctx, `build for ${renderPlatform(platform)}`, build) : build(ctx);
}

async function toRoot(
  ctx: Context,
  environment: ImageEnvironment,
  {
    images,
    annotations,
  }: { images: readonly (BuiltImage & PlatformImage)[]; annotations: BuildRequest["annotations"] },
): Promise<{ manifest: Descriptor; id: Digest }> {
  const [only, ...more] = images;
  if (only && more.length === 0) return { manifest: only.manifest, id: only.config.digest };
  const manifest = await makeIndex(ctx, environment, { images, annotations });
  return { manifest, id: manifest.digest };
}
