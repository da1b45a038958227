import { readdir, readFile } from "node:fs/promises";

import { writeFileAtomic } from "../base/atomic-file.ts";
import type { Context } from "../base/context.ts";
import { KnownError, systemCode } from "../base/error.ts";
import { operatorPaths } from "../cluster/paths.ts";
import { isDigest, type Digest } from "../oci/digest.ts";
import type { ImageStore } from "../store/image-store.ts";
import { findCluster } from "./stored-cluster.ts";

/** An image of the store that a cluster of this machine is made of. */
export interface ClusterImageUse {
  readonly cluster: string;
  readonly digest: Digest;
  /** Canonical; absent when the cluster names it by its ID, or the name means another image by now. */
  readonly name: string | undefined;
}

/** The images of the store that the clusters which this machine remembers are made of. */
export async function findClusterImages(
  ctx: Context,
  store: ImageStore,
  runtimeRoot: string,
): Promise<readonly ClusterImageUse[]> {
  const uses: ClusterImageUse[] = [];
  const stored = new Set((await store.list(ctx)).map(({ descriptor }) => descriptor.digest));
  for (const cluster of await foldersIn(runtimeRoot)) {
    const clusterfile = await known(findCluster(runtimeRoot, cluster));
    if (!clusterfile) continue;
    const named: ClusterImageUse[] = [];
    for (const image of clusterfile.cluster.images) {
      const found = await known(store.find(ctx, image));
      if (found) named.push({ cluster, digest: found.descriptor.digest, name: found.name });
    }
    const renamed = (await readDigests(runtimeRoot, cluster)).filter(
      (digest) => stored.has(digest) && !named.some((use) => use.digest === digest),
    );
    uses.push(...named, ...renamed.map((digest) => ({ cluster, digest, name: undefined })));
  }
  return uses;
}

/** Writes down what a cluster is made of: the Clusterfile has only names, which may come to mean other images. */
export async function recordClusterImages(
  runtimeRoot: string,
  cluster: string,
  digests: readonly Digest[],
): Promise<void> {
  await writeFileAtomic(operatorPaths(runtimeRoot, cluster).images, `${JSON.stringify(digests)}\n`);
}

async function readDigests(runtimeRoot: string, cluster: string): Promise<readonly Digest[]> {
  let text: string;
  try {
    text = await readFile(operatorPaths(runtimeRoot, cluster).images, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
  const digests: unknown = JSON.parse(text);
  return Array.isArray(digests) ? digests.filter((digest) => typeof digest === "string" && isDigest(digest)) : [];
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
