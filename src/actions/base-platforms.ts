import type { Context } from "../base/context.ts";
import { InputError, NotFoundError } from "../base/error.ts";
import type { BuildPlan } from "../build/build-plan.ts";
import type { Fetcher } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { isImageIndex, parseManifest } from "../oci/manifest.ts";
import { isIndexType } from "../oci/media-type.ts";
import type { Platform } from "../oci/platform.ts";
import { fetchDocument } from "../oci/verify.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { withoutTransport } from "./local-name.ts";
import { resolveRemote } from "./resolve-remote.ts";

/** The platforms that the base image of a build's target is there for. @throws {InputError} when it has none. */
export async function basePlatforms(
  ctx: Context,
  environment: ImageEnvironment,
  plan: BuildPlan,
): Promise<readonly Platform[]> {
  const name = findBaseImage(plan);
  if (name === undefined) {
    throw new InputError("Cannot build for all platforms: the target is based on no image", {
      hint: "Name the platforms with --platform",
    });
  }
  const { source, root } = await findIndex(ctx, environment, name);
  const platforms = await readPlatforms(ctx, source, root);
  if (platforms.length > 0) return platforms;
  throw new InputError(`Cannot build for all platforms: the base image "${name}" is the image of one platform`, {
    hint: "Name the platforms with --platform",
  });
}

function findBaseImage({ stages }: BuildPlan): string | undefined {
  let base = stages.at(-1)?.base;
  while (base?.kind === "stage") {
    const { index } = base;
    base = stages.find((stage) => stage.index === index)?.base;
  }
  return base?.kind === "image" ? base.name : undefined;
}

/** In the store if the whole index is there; a pulled image of one platform has none. */
async function findIndex(
  ctx: Context,
  environment: ImageEnvironment,
  name: string,
): Promise<{ source: Fetcher; root: Descriptor }> {
  const { store } = environment;
  try {
    const { descriptor } = await store.find(ctx, name);
    if (isIndexType(descriptor.mediaType) || name.startsWith("localhost/")) return { source: store, root: descriptor };
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
  return resolveRemote(ctx, environment, await environment.meaningsOf(withoutTransport(name)));
}

/** Attestations stand in indexes as images for an unknown platform. */
async function readPlatforms(ctx: Context, source: Fetcher, root: Descriptor): Promise<Platform[]> {
  if (!isIndexType(root.mediaType)) return [];
  const index = parseManifest(await fetchDocument(ctx, source, root), root.mediaType);
  if (!isImageIndex(index)) return [];
  return index.manifests.flatMap(({ platform }) => (platform && platform.os !== "unknown" ? [platform] : []));
}
