import { runTask, type Context } from "../base/context.ts";
import type { WantedImage } from "../build/image-cache/cache-images.ts";
import { keepPartialIndex } from "../build/image-cache/partial-indexes.ts";
import { storedName } from "../build/image-cache/stored-image.ts";
import type { Fetcher } from "../oci/content.ts";
import { copyGraph } from "../oci/copy-graph.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { isImageIndex, parseManifest } from "../oci/manifest.ts";
import { isIndexType } from "../oci/media-type.ts";
import { parseReference, selectorOf } from "../oci/reference.ts";
import { fetchDocument } from "../oci/verify.ts";
import { BLOB_RETRY } from "../registry/client/remote-registry.ts";
import type { ImageStore } from "../store/image-store.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { selectPlatform } from "./read-image.ts";

/**
 * Brings a container image for the cluster's registry into the store: the platform's or all of an index. With a digest in
 * its name the indexes that lead to it come too. Images share what they have in common while it is under way. @throws {KnownError} when it cannot be had.
 */
export async function cacheImage(
  ctx: Context,
  { store, openRepository }: ImageEnvironment,
  { name, platform, all, underWay }: WantedImage & { readonly underWay: Map<Digest, Promise<void>> },
): Promise<Descriptor> {
  const reference = parseReference(name);
  return runTask(ctx, `Pull ${name}`, async (inner) => {
    const source = await openRepository(reference);
    const root = await source.resolve(inner, selectorOf(reference));
    const wanted = all ? root : await selectPlatform(inner, source, { name, root, platform });
    await copyGraph(inner, { from: source, to: store, root: wanted }, { retry: BLOB_RETRY, underWay });
    if (reference.digest !== undefined && !all) await keepIndexes(inner, { from: source, to: store, root });
    await store.tag(inner, wanted, storedName(reference));
    return wanted;
  });
}

/** Keeps an index and the indexes in it, without their images. */
async function keepIndexes(
  ctx: Context,
  { from, to, root }: { from: Fetcher; to: ImageStore; root: Descriptor },
): Promise<void> {
  if (!isIndexType(root.mediaType)) return;
  const content = await fetchDocument(ctx, from, root);
  const index = parseManifest(content, root.mediaType);
  if (isImageIndex(index)) for (const child of index.manifests) await keepIndexes(ctx, { from, to, root: child });
  await keepPartialIndex(to, root, content);
}
