import { stat } from "node:fs/promises";
import { join } from "node:path";

import type { Digest } from "../oci/digest.ts";
import { imageContent } from "./image-graph.ts";
import type { StoredImage } from "./image-names.ts";
import { blobFile, LAYER_CACHE_FOLDER, PARTIAL_FOLDER } from "./layout.ts";
import { namesIn } from "./leases.ts";
import { blobsIn } from "./sweep.ts";

export interface ImageUsage {
  readonly digest: Digest;
  readonly names: readonly string[];
  /** All that is here of the image. */
  readonly sizeBytes: number;
  /** What only this image has: removing it frees so much. */
  readonly uniqueBytes: number;
}

export interface DiskUsage {
  readonly images: readonly ImageUsage[];
  /** Of all blobs, each once. */
  readonly blobBytes: number;
  /** Of layers that are kept unpacked, so that images open fast, and of blobs that have not come whole yet. */
  readonly cacheBytes: number;
  /** Of blobs that no image has. */
  readonly unusedBytes: number;
}

/** How much space the images of a store take. */
export async function measureUsage(root: string, images: readonly StoredImage[]): Promise<DiskUsage> {
  const sizes = await sizesOf(root);
  const contents = await Promise.all(images.map(({ descriptor }) => imageContent(root, [descriptor])));
  const owners = new Map<Digest, number>();
  for (const { digests } of contents) {
    for (const digest of digests) owners.set(digest, (owners.get(digest) ?? 0) + 1);
  }
  const sumOf = (digests: Iterable<Digest>): number =>
    [...digests].reduce((sum, digest) => sum + (sizes.get(digest) ?? 0), 0);
  return {
    images: images.map(({ descriptor, names }, index) => {
      const digests = [...(contents[index]?.digests ?? [])];
      const unique = digests.filter((digest) => owners.get(digest) === 1);
      return { digest: descriptor.digest, names, sizeBytes: sumOf(digests), uniqueBytes: sumOf(unique) };
    }),
    blobBytes: sumOf(sizes.keys()),
    cacheBytes: await cacheSize(root),
    unusedBytes: sumOf([...sizes.keys()].filter((digest) => !owners.has(digest))),
  };
}

async function sizesOf(root: string): Promise<ReadonlyMap<Digest, number>> {
  const sizes = new Map<Digest, number>();
  for (const digest of await blobsIn(root)) sizes.set(digest, await findSize(join(root, blobFile(digest))));
  return sizes;
}

async function cacheSize(root: string): Promise<number> {
  let sizeBytes = 0;
  for (const folder of [LAYER_CACHE_FOLDER, PARTIAL_FOLDER]) {
    for (const name of await namesIn(join(root, folder))) sizeBytes += await findSize(join(root, folder, name));
  }
  return sizeBytes;
}

/** Somebody may remove it at this moment. */
async function findSize(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found?.size ?? 0;
}
