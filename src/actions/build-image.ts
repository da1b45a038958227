import { cacheImages } from "../build/image-cache/cache-images.ts";
import type { BuildEnvironment } from "../build/build-environment.ts";
import { openLocalTree } from "../build/context/local-tree.ts";
import { openBuildContext } from "../build/context/open-context.ts";
import { executeBuild } from "../build/execute.ts";
import { planBuild } from "../build/plan.ts";
import type { Context } from "../base/context.ts";
import { parseKubefile } from "../kubefile/parse.ts";
import type { Digest } from "../oci/digest.ts";
import type { Compression } from "../oci/media-type.ts";
import type { Platform } from "../oci/platform.ts";
import { findImage } from "./find-image.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { toLocalName } from "./local-name.ts";
import type { KubefileSource } from "./locate-kubefile.ts";
import type { PullPolicy } from "./pull-image.ts";

export interface BuildRequest {
  readonly kubefile: KubefileSource;
  /** Folder with the files that COPY takes. */
  readonly contextDirectory: string;
  /** More folders, by the name that `COPY --from` has for them. */
  readonly buildContexts: Readonly<Record<string, string>>;
  readonly ignoreFile?: string | undefined;
  /** Names of the image; short ones belong to `localhost`. */
  readonly tags: readonly string[];
  readonly target?: string | undefined;
  /** Default: the machine's. */
  readonly platform?: Platform | undefined;
  readonly buildArguments: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Time of the image and its files, in seconds since 1970; default 0. */
  readonly epoch?: number | undefined;
  /** Of the layers; default `none`. */
  readonly compression?: Compression | undefined;
  /** Put the container images that the context names below `registry/`. */
  readonly savesImages: boolean;
  /** For base images. */
  readonly policy: PullPolicy;
}

export interface BuildResult {
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
  const { kubefile, target, labels, annotations, epoch, compression, buildArguments } = request;
  const names = request.tags.map(toLocalName);
  const platform = request.platform ?? environment.platform;
  const plan = planBuild(parseKubefile(kubefile.text, kubefile.name), {
    target,
    buildArguments,
    platform,
    buildPlatform: environment.platform,
    buildContexts: Object.keys(request.buildContexts),
    labels,
    environment: request.environment,
    annotations,
    names,
    epoch,
    compression,
  });
  const image = await executeBuild(ctx, plan, await openEnvironment(ctx, environment, { ...request, platform }));
  return { id: image.config.digest, digest: image.manifest.digest, names, notes: image.notes };
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
        pull: (inner, name, wanted) => findImage(inner, environment, { name, platform: wanted }),
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
