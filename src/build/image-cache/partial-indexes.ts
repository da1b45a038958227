import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { writeFileAtomic } from "../../base/atomic-file.ts";
import type { Context } from "../../base/context.ts";
import { systemCode } from "../../base/error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { algorithmOf, digestOf, hexOf, type Digest } from "../../oci/digest.ts";
import { MANIFEST_LIMIT_BYTES, parseManifest, type ImageIndex, type Manifest } from "../../oci/manifest.ts";
import type { ImageStore } from "../../store/image-store.ts";

/** A manifest or index, and the file that has its bytes. */
export interface LocatedDocument {
  readonly descriptor: Descriptor;
  readonly document: Manifest | ImageIndex;
  readonly path: string;
}

const FOLDER = "cache/indexes";

/**
 * Keeps an index of which not all images are in the store. It is no content of the store, where whatever a document
 * names is there.
 */
export async function keepPartialIndex(store: ImageStore, { digest }: Descriptor, content: Uint8Array): Promise<void> {
  await writeFileAtomic(partialPath(store, digest), content);
}

/** A document of the store, or an index that {@link keepPartialIndex} has kept. */
export async function findDocument(
  ctx: Context,
  store: ImageStore,
  digest: Digest,
): Promise<LocatedDocument | undefined> {
  const isStored = await store.touch(store.blobPath(digest));
  const path = isStored ? store.blobPath(digest) : partialPath(store, digest);
  const content = await readSmall(ctx, path);
  if (!content || digestOf(content, algorithmOf(digest)) !== digest) return undefined;
  const document = parseManifest(content);
  return { descriptor: { mediaType: document.mediaType, digest, size: content.byteLength }, document, path };
}

function partialPath({ root }: ImageStore, digest: Digest): string {
  return join(root, FOLDER, `${algorithmOf(digest)}-${hexOf(digest)}.json`);
}

async function readSmall({ signal }: Context, path: string): Promise<Buffer | undefined> {
  try {
    if ((await stat(path)).size > MANIFEST_LIMIT_BYTES) return undefined;
    return await readFile(path, { signal });
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
