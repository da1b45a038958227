import type { Context } from "../base/context.ts";
import type { BuildEnvironment } from "../build/build-environment.ts";
import { openLocalTree } from "../build/context/local-tree.ts";
import { openBuildContext } from "../build/context/open-context.ts";
import type { RemoteSources } from "../build/remote/remote-sources.ts";
import { cacheImages } from "../build/image-cache/cache-images.ts";
import type { RunSettings } from "../build/run/run-settings.ts";
import type { ImageSettings } from "../build/scan/helm-commands.ts";
import type { Digest } from "../oci/digest.ts";
import type { Platform } from "../oci/platform.ts";
import { cacheImage } from "./cache-image.ts";
import { findImage } from "./find-image.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import type { KubefileSource } from "./locate-kubefile.ts";
import type { PullPolicy } from "./pull-image.ts";

/** What a build takes its files and images from. */
export interface BuildInputs {
  readonly kubefile: KubefileSource;
  /** Folder with the files that COPY takes. */
  readonly contextDirectory: string;
  /** More folders, by the name that `COPY --from` has for them. */
  readonly buildContexts: Readonly<Record<string, string>>;
  /** What ADD fetches with; default: it fetches nothing. */
  readonly remote?: RemoteSources | undefined;
  readonly ignoreFile?: string | undefined;
  /** Put the container images that the context names below `registry/`. */
  readonly savesImages: boolean;
  /** Of container images for several platforms all, not that of the platform alone. */
  readonly savesAllPlatforms?: boolean | undefined;
  /** How many container images are pulled at the same time. */
  readonly pullsAtOnce?: number | undefined;
  /** What RUN may use; default: the usual. */
  readonly commands?: RunSettings | undefined;
  /** For base images. */
  readonly policy: PullPolicy;
}

export async function openBuildEnvironment(
  ctx: Context,
  environment: ImageEnvironment,
  inputs: BuildInputs & {
    readonly platform: Platform;
    /** Of the image that is built; they matter for the container images that it needs. */
    readonly settings?: ImageSettings | undefined;
  },
): Promise<BuildEnvironment> {
  const { contextDirectory, ignoreFile, kubefile, buildContexts, savesImages, platform, policy, remote } = inputs;
  const { store } = environment;
  const underWay = new Map<Digest, Promise<void>>();
  const cache = savesImages
    ? await cacheImages(ctx, {
        context: openLocalTree(contextDirectory),
        platform,
        store,
        pull: (inner, image) => cacheImage(inner, environment, { ...image, underWay }),
        all: inputs.savesAllPlatforms,
        settings: inputs.settings,
        concurrency: inputs.pullsAtOnce,
      })
    : { tree: undefined, bill: undefined, notes: [] };
  const contexts = Object.entries(buildContexts).map(([name, folder]) => [name, openBuildContext(folder)] as const);
  return {
    store,
    remote,
    context: openBuildContext(contextDirectory, { ignoreFile, kubefile: kubefile.path, overlay: cache.tree }),
    bill: cache.bill,
    commands: inputs.commands,
    notes: cache.notes,
    buildContexts: new Map(contexts),
    findImage: (inner, name, wanted) => findImage(inner, environment, { name, platform: wanted, policy }),
  };
}
