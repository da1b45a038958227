import { mapLimit } from "../base/concurrency.ts";
import type { Context } from "../base/context.ts";
import { NotFoundError } from "../base/error.ts";
import type { Fetcher } from "../oci/content.ts";
import { findPlatform } from "../oci/copy-graph.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { parseImageConfig, type ImageConfig } from "../oci/image-config.ts";
import { isImageIndex, parseManifest, type Manifest } from "../oci/manifest.ts";
import { isIndexType } from "../oci/media-type.ts";
import { renderPlatform, type Platform } from "../oci/platform.ts";
import { fetchDocument } from "../oci/verify.ts";

/** One image for one platform. */
export interface ImageDocuments {
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
}

/** @throws {NotFoundError} when an index has nothing for the platform. */
export async function readImage(
  ctx: Context,
  source: Fetcher,
  { name, root, platform }: { name: string; root: Descriptor; platform: Platform },
): Promise<ImageDocuments> {
  const descriptor = await selectPlatform(ctx, source, { name, root, platform });
  const manifest = parseManifest(await fetchDocument(ctx, source, descriptor), descriptor.mediaType);
  if (isImageIndex(manifest)) throw new Error(`${descriptor.digest} was selected as a manifest and is an index`);
  return { descriptor, manifest, config: parseImageConfig(await fetchDocument(ctx, source, manifest.config)) };
}

/** The manifest for `platform`. @throws {NotFoundError} naming the platforms that there are. */
export async function selectPlatform(
  ctx: Context,
  source: Fetcher,
  { name, root, platform }: { name: string; root: Descriptor; platform: Platform },
): Promise<Descriptor> {
  const found = await findPlatform(ctx, source, { root, platform });
  if (found) return found;
  const offered = await platformsOf(ctx, source, root);
  throw new NotFoundError(
    "IMAGE_NOT_FOUND",
    `Cannot use image "${name}" for ${renderPlatform(platform)}: it is there for ${offered.join(", ") || "no platform"}`,
    { hint: "Choose one of its platforms with --platform" },
  );
}

async function platformsOf(ctx: Context, source: Fetcher, root: Descriptor): Promise<string[]> {
  if (!isIndexType(root.mediaType)) return [];
  const index = parseManifest(await fetchDocument(ctx, source, root), root.mediaType);
  if (!isImageIndex(index)) return [];
  const platforms = await mapLimit(ctx, { items: index.manifests, limit: 4 }, async (inner, entry) =>
    entry.platform ? [renderPlatform(entry.platform)] : platformsOf(inner, source, entry),
  );
  return platforms.flat();
}
