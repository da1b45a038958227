import { availableParallelism } from "node:os";

import { cacheImages } from "../build/image-cache/cache-images.ts";
import type { BuildEnvironment } from "../build/build-environment.ts";
import { openLocalTree } from "../build/context/local-tree.ts";
import { openBuildContext } from "../build/context/open-context.ts";
import { buildWithoutName, nameImage, type BuiltImage } from "../build/execute.ts";
import type { BuildPlan, PlanOptions } from "../build/build-plan.ts";
import { LayerWriter } from "../build/write-layers.ts";
import { planBuild } from "../build/plan.ts";
import { mapLimit } from "../base/concurrency.ts";
import { runTask, type Context } from "../base/context.ts";
import { parseKubefile } from "../kubefile/parse.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { renderPlatform, type Platform } from "../oci/platform.ts";
import { basePlatforms } from "./base-platforms.ts";
import { BuildCache, type BuildCacheOptions } from "./build-cache.ts";
import { addImagesToList, makeIndex, type PlatformImage } from "./build-index.ts";
import { writeOutput, type BuildOutput } from "./build-output.ts";
import { cacheImage } from "./cache-image.ts";
import { findImage } from "./find-image.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { toLocalName } from "./local-name.ts";
import type { KubefileSource } from "./locate-kubefile.ts";
import type { PullPolicy } from "./pull-image.ts";

export interface BuildRequest extends ImageOptions {
  readonly kubefile: KubefileSource;
  /** Folder with the files that COPY takes. */
  readonly contextDirectory: string;
  /** More folders, by the name that `COPY --from` has for them. */
  readonly buildContexts: Readonly<Record<string, string>>;
  readonly ignoreFile?: string | undefined;
  /** Names of the image; short ones belong to `localhost`. */
  readonly tags: readonly string[];
  /** Several make an index; default: the machine's. `all`: those of the base image. */
  readonly platforms?: readonly Platform[] | "all" | undefined;
  readonly buildArguments: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Put the container images that the context names below `registry/`. */
  readonly savesImages: boolean;
  /** For base images. */
  readonly policy: PullPolicy;
  /** Name of an index that the images are added to. */
  readonly list?: string | undefined;
  /** Absent: no layer is taken from a cache or put into one. */
  readonly cache?: BuildCacheOptions | undefined;
  /** How many stages, and how many platforms, are built at the same time; default: as many as there are cores. */
  readonly jobs?: number | undefined;
  /** Where else the image is written to. */
  readonly outputs?: readonly BuildOutput[];
}

/** See {@link PlanOptions}. */
type ImageOptions = Pick<
  PlanOptions,
  | "target"
  | "epoch"
  | "compression"
  | "unsetEnvironment"
  | "format"
  | "squash"
  | "omitHistory"
  | "osVersion"
  | "osFeatures"
  | "baseImage"
  | "keepsUnusedStages"
>;

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
  const limit = request.jobs ?? availableParallelism();
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
    const plan = planFor(environment, request);
    const surroundings = await openEnvironment(inner, environment, request);
    return { ...(await buildWithoutName(inner, plan, { ...surroundings, layers, jobs })), platform };
  };
  return isOneOfSeveral ? runTask(ctx, `build for ${renderPlatform(platform)}`, build) : build(ctx);
}

function planFor(environment: ImageEnvironment, request: BuildRequest & { platform: Platform }): BuildPlan {
  const { kubefile, buildContexts } = request;
  return planBuild(parseKubefile(kubefile.text, kubefile.name), {
    ...request,
    buildPlatform: environment.platform,
    buildContexts: Object.keys(buildContexts),
  });
}

async function choosePlatforms(
  ctx: Context,
  environment: ImageEnvironment,
  request: BuildRequest,
): Promise<readonly Platform[]> {
  const { platforms = [] } = request;
  if (platforms === "all") {
    return basePlatforms(ctx, environment, planFor(environment, { ...request, platform: environment.platform }));
  }
  const different = new Map(platforms.map((platform) => [renderPlatform(platform), platform]));
  return different.size === 0 ? [environment.platform] : [...different.values()];
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

async function openEnvironment(
  ctx: Context,
  environment: ImageEnvironment,
  {
    contextDirectory,
    ignoreFile,
    kubefile,
    buildContexts,
    savesImages,
    platform,
    policy,
  }: BuildRequest & { platform: Platform },
): Promise<BuildEnvironment> {
  const { store } = environment;
  const cache = savesImages
    ? await cacheImages(ctx, {
        context: openLocalTree(contextDirectory),
        platform,
        store,
        pull: (inner, image) => cacheImage(inner, environment, image),
      })
    : { images: [], tree: undefined, notes: [] };
  const contexts = Object.entries(buildContexts).map(([name, folder]) => [name, openBuildContext(folder)] as const);
  return {
    store,
    context: openBuildContext(contextDirectory, { ignoreFile, kubefile: kubefile.path, overlay: cache.tree }),
    cachedImages: cache.images.length,
    notes: cache.notes,
    buildContexts: new Map(contexts),
    findImage: (inner, name, wanted) => findImage(inner, environment, { name, platform: wanted, policy }),
  };
}
