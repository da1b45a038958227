import { rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { systemCode } from "../base/error.ts";
import type { Digest } from "../oci/digest.ts";
import { blobFile, findDigest, LAYER_CACHE_FOLDER } from "./layout.ts";
import { namesIn, type Lease } from "./leases.ts";
import type { ImageContent } from "./image-graph.ts";

export interface Swept {
  readonly removed: readonly Digest[];
  /** With cached layers. */
  readonly freedBytes: number;
}

/** Removes the blobs and cached layers that `isGarbage` says, except what somebody else may be using. */
export async function sweep(
  root: string,
  lease: Lease,
  isGarbage: { readonly blob: (digest: Digest) => boolean; readonly diffId: (hex: string) => boolean },
): Promise<Swept> {
  const removed: Digest[] = [];
  let freedBytes = 0;
  for (const digest of await blobsIn(root)) {
    if (!isGarbage.blob(digest)) continue;
    const size = await discard(join(root, blobFile(digest)), lease);
    if (size === undefined) continue;
    removed.push(digest);
    freedBytes += size;
  }
  for (const name of await namesIn(join(root, LAYER_CACHE_FOLDER))) {
    if (!isGarbage.diffId(name.split(".", 1)[0] ?? "")) continue;
    freedBytes += (await discard(join(root, LAYER_CACHE_FOLDER, name), lease)) ?? 0;
  }
  return { removed, freedBytes };
}

/** What is garbage when only this content is to stay. */
export function except({ digests, diffIds }: ImageContent): Parameters<typeof sweep>[2] {
  return { blob: (digest) => !digests.has(digest), diffId: (hex) => !diffIds.has(hex) };
}

/** True when somebody else may be using the file: it was touched since the oldest of their leases. */
export async function isInUse(path: string, lease: Lease): Promise<boolean> {
  const oldest = await lease.oldestOther();
  const stats = oldest === undefined ? undefined : await stat(path).catch(() => undefined);
  return oldest !== undefined && stats !== undefined && stats.mtimeMs >= oldest;
}

/** @returns the size of what was removed, undefined when it is in use or gone. */
async function discard(path: string, lease: Lease): Promise<number | undefined> {
  if (await isInUse(path, lease)) return undefined;
  const trash = lease.temporaryPath();
  try {
    await rename(path, trash);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
  // Whoever asked for it in between has a lease by now; whoever asks from here on is told that it is not there.
  if (await isInUse(trash, lease)) {
    await rename(trash, path);
    return undefined;
  }
  const { size } = await stat(trash);
  await rm(trash);
  return size;
}

/** The digests of all blobs. */
export async function blobsIn(root: string): Promise<Digest[]> {
  const digests: Digest[] = [];
  for (const algorithm of await namesIn(join(root, "blobs"))) {
    for (const name of await namesIn(join(root, "blobs", algorithm))) {
      const digest = findDigest(`blobs/${algorithm}/${name}`);
      if (digest) digests.push(digest);
    }
  }
  return digests;
}
