import type { Context } from "../../base/context.ts";
import { NotFoundError } from "../../base/error.ts";
import { findPlatform } from "../../oci/copy-graph.ts";
import type { ContentStore } from "../../oci/content.ts";
import type { Digest } from "../../oci/digest.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { childrenOf, isImageIndex, parseManifest } from "../../oci/manifest.ts";
import { isForeignLayer, isIndexType, isManifestType } from "../../oci/media-type.ts";
import { renderPlatform, type Platform } from "../../oci/platform.ts";
import { fetchDocument } from "../../oci/verify.ts";
import type { ImageStore } from "../../store/image-store.ts";
import { findDocument, type LocatedDocument } from "./partial-indexes.ts";

/** An image as a registry is to have it; all of it is in the store. */
export interface StoredGraph {
  /** What a tag means: an index only when all of its images are here. */
  readonly root: Descriptor;
  /** Manifests and indexes, the root too. */
  readonly manifests: readonly Descriptor[];
  /** Configurations and layers. */
  readonly blobs: readonly Descriptor[];
  /** Indexes that lead to the root and are found by their digests, although not all of their images are here. */
  readonly indexes: readonly LocatedDocument[];
}

export interface GraphRequest {
  /** For messages. */
  readonly name: string;
  readonly root: Descriptor;
  readonly platform: Platform;
  /** Whether all images of an index are wanted instead of the platform's. */
  readonly all: boolean;
  /** Of what shall be found by its digest: the root, or an index that leads to it. */
  readonly pinned: Digest | undefined;
}

/**
 * What a registry is to have of an image: the platform's image, or all of an index.
 * @throws {NotFoundError} when the store does not have that
 */
export async function readStoredGraph(
  ctx: Context,
  store: ImageStore,
  { name, root, platform, all, pinned }: GraphRequest,
): Promise<StoredGraph> {
  const manifest = all ? root : await findPlatform(ctx, store, { root, platform });
  const graph = manifest && (await collectGraph(ctx, store, manifest));
  if (graph) {
    const indexes = pinned === undefined || all ? [] : await indexesAbove(ctx, store, { digest: pinned, manifest });
    return { ...graph, indexes };
  }
  const wanted = renderPlatform(platform);
  throw new NotFoundError(
    "IMAGE_NOT_FOUND",
    `Cannot cache image "${name}": the store has not all of it${all ? "" : ` for ${wanted}`}`,
    { hint: all ? "Pull it again" : `Pull it again with --platform ${wanted}` },
  );
}

/** Everything that a document refers to. @returns undefined as soon as something is missing */
export async function collectGraph(
  ctx: Context,
  store: ContentStore,
  root: Descriptor,
): Promise<Omit<StoredGraph, "indexes"> | undefined> {
  if (isForeignLayer(root.mediaType)) return { root, manifests: [], blobs: [] };
  if (!(await store.has(ctx, root))) return undefined;
  if (!isManifestType(root.mediaType) && !isIndexType(root.mediaType)) return { root, manifests: [], blobs: [root] };
  const document = parseManifest(await fetchDocument(ctx, store, root), root.mediaType);
  const manifests = [root];
  const blobs: Descriptor[] = [];
  for (const child of childrenOf(document)) {
    const graph = await collectGraph(ctx, store, child);
    if (!graph) return undefined;
    manifests.push(...graph.manifests);
    blobs.push(...graph.blobs);
  }
  return { root, manifests, blobs };
}

/** The index and those in it that lead to the manifest; empty when it is the manifest, or is not here. */
async function indexesAbove(
  ctx: Context,
  store: ImageStore,
  { digest, manifest }: { digest: Digest; manifest: Descriptor },
): Promise<readonly LocatedDocument[]> {
  const found = digest === manifest.digest ? undefined : await findDocument(ctx, store, digest);
  if (!found || !isImageIndex(found.document)) return [];
  const children = found.document.manifests;
  if (children.some((child) => child.digest === manifest.digest)) return [found];
  for (const child of children.filter(({ mediaType }) => isIndexType(mediaType))) {
    const below = await indexesAbove(ctx, store, { digest: child.digest, manifest });
    if (below.length > 0) return [found, ...below];
  }
  return [];
}
