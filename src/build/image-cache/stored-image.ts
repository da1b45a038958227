import type { Context } from "../../base/context.ts";
import { NotFoundError } from "../../base/error.ts";
import { findPlatform } from "../../oci/copy-graph.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { parseImageConfig } from "../../oci/image-config.ts";
import { isImageIndex, parseManifest } from "../../oci/manifest.ts";
import { isIndexType } from "../../oci/media-type.ts";
import { rankPlatform, type Platform } from "../../oci/platform.ts";
import { renderReference, type Reference } from "../../oci/reference.ts";
import { fetchDocument } from "../../oci/verify.ts";
import type { ImageStore } from "../../store/image-store.ts";
import type { ScannedImage } from "../scan/scanned-image.ts";
import { findDocument } from "./partial-indexes.ts";
import { collectGraph } from "./stored-graph.ts";

export interface StoredImageRequest {
  readonly image: ScannedImage;
  readonly platform: Platform;
  readonly all: boolean;
}

/** What the store has under the name of an image, if all that is wanted of it is there. */
export async function findStored(
  ctx: Context,
  store: ImageStore,
  { image, platform, all }: StoredImageRequest,
): Promise<Descriptor | undefined> {
  const root = await resolve(ctx, store, storedName(image.reference));
  if (!root) return undefined;
  if (image.reference.registry === "localhost") return root;
  const manifest = all ? root : await findPlatform(ctx, store, { root, platform });
  if (!manifest || !(await collectGraph(ctx, store, manifest))) return undefined;
  if (all) return isIndexType(root.mediaType) ? root : undefined;
  const { digest } = image.reference;
  if (digest !== undefined && !(await findDocument(ctx, store, digest))) return undefined;
  return (await isFor(ctx, store, { manifest, platform })) ? root : undefined;
}

/** The store knows an image by tag or by digest, not by both. */
export function storedName({ registry, repository, tag, digest }: Reference): string {
  if (digest !== undefined) return renderReference({ registry, repository, digest });
  return renderReference({ registry, repository, ...(tag === undefined ? {} : { tag }) });
}

async function resolve(ctx: Context, store: ImageStore, name: string): Promise<Descriptor | undefined> {
  try {
    return await store.resolve(ctx, name);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** An earlier build may have wanted the image of another platform. */
async function isFor(
  ctx: Context,
  store: ImageStore,
  { manifest, platform }: { manifest: Descriptor; platform: Platform },
): Promise<boolean> {
  const document = parseManifest(await fetchDocument(ctx, store, manifest), manifest.mediaType);
  if (isImageIndex(document) || !/config|image/.test(document.config.mediaType)) return true;
  const { os, architecture, variant } = parseImageConfig(await fetchDocument(ctx, store, document.config));
  return rankPlatform({ os, architecture, ...(variant === undefined ? {} : { variant }) }, platform) !== undefined;
}
