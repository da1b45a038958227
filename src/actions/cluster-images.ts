import { readdir } from "node:fs/promises";

import type { Context } from "../base/context.ts";
import { KnownError, systemCode } from "../base/error.ts";
import type { Digest } from "../oci/digest.ts";
import type { ImageStore } from "../store/image-store.ts";
import { findCluster } from "./stored-cluster.ts";

/** An image of the store that a cluster of this machine is made of. */
export interface ClusterImageUse {
  readonly cluster: string;
  readonly digest: Digest;
  /** Canonical; absent when the cluster names it by its ID. */
  readonly name: string | undefined;
}

/** The images of the store that the clusters which this machine remembers are made of. */
export async function findClusterImages(
  ctx: Context,
  store: ImageStore,
  runtimeRoot: string,
): Promise<readonly ClusterImageUse[]> {
  const uses: ClusterImageUse[] = [];
  for (const cluster of await foldersIn(runtimeRoot)) {
    const clusterfile = await known(findCluster(runtimeRoot, cluster));
    for (const image of clusterfile?.cluster.images ?? []) {
      const found = await known(store.find(ctx, image));
      if (found) uses.push({ cluster, digest: found.descriptor.digest, name: found.name });
    }
  }
  return uses;
}

/** A Clusterfile that cannot be read, or an image that is gone, protects nothing. */
async function known<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof KnownError) return undefined;
    throw error;
  }
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}
