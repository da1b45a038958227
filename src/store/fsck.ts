import { createHash } from "node:crypto";
import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { fileChunks } from "../archive/file-chunks.ts";
import type { Context } from "../base/context.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { algorithmOf, digestFromHash, type Digest } from "../oci/digest.ts";
import { childrenOf, parseManifest } from "../oci/manifest.ts";
import { isForeignLayer, isIndexType, isManifestType } from "../oci/media-type.ts";
import { storedImages } from "./image-names.ts";
import { readIndex } from "./index-file.ts";
import { blobFile, LAYER_CACHE_FOLDER } from "./layout.ts";
import { namesIn } from "./leases.ts";
import { blobsIn } from "./sweep.ts";

/** A blob that is not what it should be. */
export interface Damage {
  readonly digest: Digest;
  readonly problem: string;
  /** Names, or digests of images without one; empty for a blob that no image has. */
  readonly images: readonly string[];
}

export interface StoreCheck {
  readonly blobs: number;
  readonly bytes: number;
  readonly damages: readonly Damage[];
  /** Unpacked layers that are not what their names say; they are made again when needed. */
  readonly damagedCache: readonly string[];
}

/** Reads everything in a store and compares it with its digest; follows every reference. Changes nothing. */
export async function checkStore(ctx: Context, root: string): Promise<StoreCheck> {
  const problems = new Map<Digest, string>();
  const digests = await blobsIn(root);
  let bytes = 0;
  for (const digest of digests) {
    const { size, found } = await hashFile(ctx, join(root, blobFile(digest)), digest);
    bytes += size;
    if (found !== digest) problems.set(digest, `its ${size} bytes are ${found}`);
    ctx.progress.advance(bytes);
  }
  const images = await referencesOf(ctx, { root, problems, present: new Set(digests) });
  const damages = [...problems].map(([digest, problem]) => ({
    digest,
    problem,
    images: [...(images.get(digest) ?? [])],
  }));
  return { blobs: digests.length, bytes, damages, damagedCache: await damagedCache(ctx, root) };
}

/** Removes what is damaged, so that it is fetched or made again. */
export async function removeDamage(root: string, { damages, damagedCache }: StoreCheck): Promise<void> {
  for (const { digest } of damages) await rm(join(root, blobFile(digest)), { force: true });
  for (const name of damagedCache) await rm(join(root, LAYER_CACHE_FOLDER, name), { force: true });
}

async function hashFile(ctx: Context, path: string, digest: Digest): Promise<{ size: number; found: Digest }> {
  const { size } = await stat(path);
  const hash = createHash(algorithmOf(digest));
  for await (const chunk of fileChunks(ctx, { path, offset: 0, length: size })) hash.update(chunk);
  return { size, found: digestFromHash(hash, algorithmOf(digest)) };
}

interface ReferenceCheck {
  readonly root: string;
  readonly present: ReadonlySet<Digest>;
  /** Gets those of missing blobs, too. */
  readonly problems: Map<Digest, string>;
}

/** @returns which images have which blobs. */
async function referencesOf(ctx: Context, check: ReferenceCheck): Promise<ReadonlyMap<Digest, ReadonlySet<string>>> {
  const owners = new Map<Digest, Set<string>>();
  for (const { descriptor, names } of storedImages(await readIndex(check.root))) {
    ctx.signal.throwIfAborted();
    for (const found of await descriptorsOf(check, descriptor)) {
      const problem = await findProblem(check, found);
      if (problem !== undefined && !check.problems.has(found.digest)) check.problems.set(found.digest, problem);
      const all = owners.get(found.digest) ?? new Set();
      for (const name of names.length === 0 ? [descriptor.digest] : names) all.add(name);
      owners.set(found.digest, all);
    }
  }
  return owners;
}

async function descriptorsOf({ root, problems }: ReferenceCheck, image: Descriptor): Promise<readonly Descriptor[]> {
  const found = new Map<Digest, Descriptor>();
  const queue = [image];
  for (let next = queue.pop(); next; next = queue.pop()) {
    if (found.has(next.digest)) continue;
    found.set(next.digest, next);
    const isDocument = isManifestType(next.mediaType) || isIndexType(next.mediaType);
    if (!isDocument || problems.has(next.digest)) continue;
    const content = await readFile(join(root, blobFile(next.digest))).catch(() => undefined);
    if (content) queue.push(...childrenOf(parseManifest(content, next.mediaType)));
  }
  return [...found.values()];
}

async function findProblem(
  { root, present }: ReferenceCheck,
  { digest, size, mediaType }: Descriptor,
): Promise<string | undefined> {
  if (!present.has(digest)) return isForeignLayer(mediaType) ? undefined : "it is missing";
  const found = (await stat(join(root, blobFile(digest)))).size;
  return found === size ? undefined : `it has ${found} bytes, its image says ${size}`;
}

/** An unpacked layer is named after the digest of its content. */
async function damagedCache(ctx: Context, root: string): Promise<readonly string[]> {
  const damaged: string[] = [];
  for (const name of await namesIn(join(root, LAYER_CACHE_FOLDER))) {
    if (!/^[0-9a-f]{64}\.tar$/.test(name)) continue;
    const path = join(root, LAYER_CACHE_FOLDER, name);
    const hash = createHash("sha256");
    for await (const chunk of fileChunks(ctx, { path, offset: 0, length: (await stat(path)).size })) hash.update(chunk);
    if (`${hash.digest("hex")}.tar` !== name) damaged.push(name);
  }
  return damaged;
}
