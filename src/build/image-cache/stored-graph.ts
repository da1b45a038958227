import type { Context } from "../../base/context.ts";
import { NotFoundError } from "../../base/error.ts";
import { findPlatform } from "../../oci/copy-graph.ts";
import type { ContentStore } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { childrenOf, isImageIndex, parseManifest } from "../../oci/manifest.ts";
import { isIndexType, isManifestType } from "../../oci/media-type.ts";
import { renderPlatform, type Platform } from "../../oci/platform.ts";
import { fetchDocument } from "../../oci/verify.ts";

/** An image as a registry is to have it; all of it is in the store. */
export interface StoredGraph {
  /** What a tag means: an index only when all of its images are here. */
  readonly root: Descriptor;
  /** Manifests and indexes, the root too. */
  readonly manifests: readonly Descriptor[];
  /** Configurations and layers. */
  readonly blobs: readonly Descriptor[];
}

export interface GraphRequest {
  /** For messages. */
  readonly name: string;
  readonly root: Descriptor;
  readonly platform: Platform;
  /** Whether all images of an index are wanted instead of the platform's. */
  readonly all: boolean;
  /** An index that shall be found by its digest, although not all of its images are here. */
  readonly pinned: Descriptor | undefined;
}

/**
 * What a registry is to have of an image: the platform's image, or all of an index.
 * @throws {NotFoundError} when the store does not have that
 */
export async function readStoredGraph(
  ctx: Context,
  store: ContentStore,
  { name, root, platform, all, pinned }: GraphRequest,
): Promise<StoredGraph> {
  const manifest = all ? root : await findPlatform(ctx, store, { root, platform });
  const graph = manifest && (await collectGraph(ctx, store, manifest));
  if (graph) {
    const indexes = pinned && manifest && !all ? await indexesAbove(ctx, store, { root: pinned, manifest }) : [];
    return { ...graph, manifests: [...indexes, ...graph.manifests] };
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
): Promise<StoredGraph | undefined> {
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

/** The index and those in it that lead to the manifest; empty when it is the manifest, or not in the store. */
async function indexesAbove(
  ctx: Context,
  store: ContentStore,
  { root, manifest }: { root: Descriptor; manifest: Descriptor },
): Promise<readonly Descriptor[]> {
  if (root.digest === manifest.digest || !isIndexType(root.mediaType) || !(await store.has(ctx, root))) return [];
  const document = parseManifest(await fetchDocument(ctx, store, root), root.mediaType);
  if (!isImageIndex(document)) return [];
  if (document.manifests.some(({ digest }) => digest === manifest.digest)) return [root];
  for (const child of document.manifests) {
    const below = await indexesAbove(ctx, store, { root: child, manifest });
    if (below.length > 0) return [root, ...below];
  }
  return [];
}
