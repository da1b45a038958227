import { rename, rm, stat } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";

import { ChangedFileError } from "../archive/errors.ts";
import type { LayerEntry } from "../archive/tar-entry.ts";
import { writeTar } from "../archive/tar-file.ts";
import type { Context } from "../base/context.ts";
import { NotFoundError } from "../base/error.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { algorithmOf, hexOf, type Digest } from "../oci/digest.ts";
import type { ImageIndex } from "../oci/manifest.ts";
import { discardDamaged } from "./damage.ts";
import { imageContent } from "./image-graph.ts";
import { withImage, withName } from "./image-names.ts";
import type { ImageStore } from "./image-store.ts";
import { blobFile, EMPTY_INDEX, INDEX_FILE, LAYOUT_CONTENT, LAYOUT_FILE, renderIndexFile } from "./layout.ts";

export interface SavedImage {
  readonly descriptor: Descriptor;
  /** Written to the archive as it is; absent: the image has no name there. */
  readonly name?: string | undefined;
}

/**
 * Writes images into one tar archive of an image layout, which any OCI tool reads as `oci-archive`. Every blob is
 * verified on its way; the file appears under its name when it is complete. The same images give the same bytes.
 * @returns the size of the file in bytes.
 */
export async function saveArchive(
  ctx: Context,
  store: ImageStore,
  { images, destination }: { images: readonly SavedImage[]; destination: string },
): Promise<number> {
  const temporary = join(dirname(destination), `.${basename(destination)}.${randomBytes(6).toString("hex")}.tmp`);
  const { digests } = await imageContent(
    store.root,
    images.map(({ descriptor }) => descriptor),
  );
  const blobs = await blobEntries(store, [...digests].sort());
  const entries = [...documentEntries(images), ...blobs];
  try {
    const size = await writeTar(ctx, entries, temporary);
    await rename(temporary, destination);
    return size;
  } catch (error) {
    const damaged = error instanceof ChangedFileError && [...digests].find((d) => store.blobPath(d) === error.path);
    if (damaged) throw await discardDamaged(store.root, { digest: damaged }, error);
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

function documentEntries(images: readonly SavedImage[]): LayerEntry[] {
  const index = images.reduce<ImageIndex>(
    (before, { descriptor, name }) =>
      name === undefined ? withImage(before, descriptor) : withName(before, descriptor, name),
    EMPTY_INDEX,
  );
  return [
    document(LAYOUT_FILE, Buffer.from(LAYOUT_CONTENT)),
    document(INDEX_FILE, Buffer.from(renderIndexFile(index))),
    folder("blobs"),
  ];
}

async function blobEntries(store: ImageStore, digests: readonly Digest[]): Promise<LayerEntry[]> {
  const algorithms = new Set(digests.map(algorithmOf));
  const entries = [...algorithms].sort().map((algorithm) => folder(join("blobs", algorithm)));
  for (const digest of digests) entries.push(await blobEntry(store, digest));
  return entries;
}

async function blobEntry(store: ImageStore, digest: Digest): Promise<LayerEntry> {
  const path = store.blobPath(digest);
  const size = (await store.touch(path)) ? (await stat(path)).size : undefined;
  if (size === undefined) {
    throw new NotFoundError(
      "IMAGE_NOT_FOUND",
      `Cannot save the image: "${store.root}" does not have its part ${digest}`,
      {
        hint: "Pull or build the image again; of an image for several platforms save the one that was pulled",
      },
    );
  }
  const expected = algorithmOf(digest) === "sha256" ? { sha256: hexOf(digest) } : {};
  return { entry: file(blobFile(digest), size), content: { path, offset: 0, length: size, ...expected } };
}

function document(path: string, content: Buffer): LayerEntry {
  return { entry: file(path, content.byteLength), content };
}

function file(path: string, size: number): LayerEntry["entry"] {
  return { path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size };
}

function folder(path: string): LayerEntry {
  return { entry: { path, type: "directory", mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 } };
}
