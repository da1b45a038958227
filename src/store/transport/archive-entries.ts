import { stat } from "node:fs/promises";
import { join } from "node:path";

import type { LayerEntry } from "../../archive/tar-entry.ts";
import type { Context } from "../../base/context.ts";
import { NotFoundError } from "../../base/error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { algorithmOf, hexOf, type Digest } from "../../oci/digest.ts";
import type { ImageIndex } from "../../oci/manifest.ts";
import { imageContent } from "../image-graph.ts";
import { withImage, withName, withReferrerTag } from "../image-names.ts";
import type { ImageStore } from "../image-store.ts";
import { blobFile, EMPTY_INDEX, INDEX_FILE, LAYOUT_CONTENT, LAYOUT_FILE, renderIndexFile } from "../layout.ts";
import { dockerArchiveEntries } from "./docker-archive-writer.ts";

export type ArchiveFormat = "oci-archive" | "docker-archive";

export interface SavedImage {
  readonly descriptor: Descriptor;
  /** Written to the archive as it is; absent: the image has no name there. */
  readonly name?: string | undefined;
}

interface ArchiveRequest {
  readonly images: readonly SavedImage[];
  readonly format: ArchiveFormat;
  /** Whether what is said about the images goes there too; default true. A docker-archive has no place for it. */
  readonly referrers?: boolean;
}

/** The members of an archive of images, in its order. */
export async function archiveEntries(
  ctx: Context,
  store: ImageStore,
  { images, format, referrers = true }: ArchiveRequest,
): Promise<readonly LayerEntry[]> {
  if (format === "docker-archive") return dockerArchiveEntries(ctx, store, images);
  const about = referrers ? await store.listAbout(images.map(({ descriptor }) => descriptor)) : [];
  const { digests, foreign } = await imageContent(store.root, [
    ...images.map(({ descriptor }) => descriptor),
    ...about.map(({ descriptor }) => descriptor),
  ]);
  const index = about.reduce(
    (before, { descriptor, tag }) => withReferrerTag(before, descriptor, tag),
    indexOf(images),
  );
  const blobs = [...digests].filter((digest) => !foreign.has(digest)).sort();
  return [...documentEntries(index), ...(await blobEntries(store, blobs))];
}

function indexOf(images: readonly SavedImage[]): ImageIndex {
  return images.reduce<ImageIndex>(
    (before, { descriptor, name }) =>
      name === undefined ? withImage(before, descriptor) : withName(before, descriptor, name),
    EMPTY_INDEX,
  );
}

function documentEntries(index: ImageIndex): LayerEntry[] {
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
