import type { Context } from "../../base/context.ts";
import { NotFoundError } from "../../base/error.ts";
import { findPlatform } from "../../oci/copy-graph.ts";
import type { ContentStore } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { childrenOf, parseManifest } from "../../oci/manifest.ts";
import { isIndexType, isManifestType } from "../../oci/media-type.ts";
import type { Platform } from "../../oci/platform.ts";
import { fetchDocument } from "../../oci/verify.ts";

/** An image as far as it is in the store. */
export interface StoredGraph {
  readonly root: Descriptor;
  /** Manifests and indexes, the root too. */
  readonly manifests: readonly Descriptor[];
  /** Configurations and layers. */
  readonly blobs: readonly Descriptor[];
}

/**
 * What a registry is to have of an image: all of it if all is in the store, else the platform's image alone.
 * @throws {NotFoundError} when the store does not have that either
 */
export async function readStoredGraph(
  ctx: Context,
  store: ContentStore,
  { name, root, platform }: { name: string; root: Descriptor; platform: Platform },
): Promise<StoredGraph> {
  const whole = await collectGraph(ctx, store, root);
  if (whole) return whole;
  const manifest = isIndexType(root.mediaType) ? await findPlatform(ctx, store, { root, platform }) : root;
  const graph = manifest && (await collectGraph(ctx, store, manifest));
  if (graph) return graph;
  const { os, architecture } = platform;
  throw new NotFoundError(
    "IMAGE_NOT_FOUND",
    `Cannot cache image "${name}": the store has not all of it for ${os}/${architecture}`,
    {
      hint: `Pull it again with --platform ${os}/${architecture}`,
    },
  );
}

/** @returns undefined as soon as something is missing */
async function collectGraph(ctx: Context, store: ContentStore, root: Descriptor): Promise<StoredGraph | undefined> {
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
