import { rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Context } from "../../base/context.ts";
import { systemCode } from "../../base/error.ts";
import { withFileLock } from "../../base/file-lock.ts";
import { isDigest, type Digest } from "../../oci/digest.ts";
import type { RegistryFolder } from "./filesystem.ts";
import {
  BLOBS_PATH,
  blobPath,
  layerLinkPath,
  layersPath,
  PRUNE_LOCK_PATH,
  prunedBlobPath,
  revisionLinkPath,
  revisionsPath,
  uploadPath,
  uploadsPath,
} from "./layout.ts";
import { listNames, takeLinkBack } from "./links.ts";
import { findReferences, type References } from "./references.ts";
import { RemovedLinks } from "./removed-links.ts";

export interface PruneFolderOptions {
  /** Younger content stays: somebody may be pushing an image to which it belongs. */
  readonly before: Date;
  /** Also remove images that no tag, index or subject leads to. */
  readonly untagged: boolean;
}

export interface PrunedFolder {
  readonly removed: readonly Digest[];
  /** Manifests and indexes taken out of their repositories. */
  readonly untagged: number;
  readonly uploads: number;
  readonly freedBytes: number;
}

/**
 * Removes what no image of the folder needs, beside a running server. What this server was asked for counts as young;
 * content is moved aside first, and what got an image or was asked for in the meantime is put back.
 * @throws {KnownError} before anything is removed when a manifest is damaged: it is not known what it needs.
 */
export async function pruneFolder(
  ctx: Context,
  folder: RegistryFolder,
  options: PruneFolderOptions,
): Promise<PrunedFolder> {
  return withFileLock(ctx, join(folder.root, PRUNE_LOCK_PATH), async () => {
    await restoreAside(folder.root);
    await restoreLinks(ctx, folder);
    return prune(ctx, folder, options);
  });
}

async function prune(
  ctx: Context,
  folder: RegistryFolder,
  { before, untagged }: PruneFolderOptions,
): Promise<PrunedFolder> {
  const age: Age = { root: folder.root, before };
  const links = new RemovedLinks(folder.root);
  try {
    const references = await findReferences(ctx, folder);
    if (untagged) await removeUnreachable(links, references, age);
    const kept = links.documents > 0 ? await findReferences(ctx, folder) : references;
    let uploads = 0;
    for (const [name, { content }] of kept.byRepository) {
      ctx.signal.throwIfAborted();
      uploads += await removeUploads(name, age);
      await removeLayerLinks(links, { repository: name, needed: content }, age);
    }
    const swept = await sweepBlobs(ctx, folder, { links, kept, age });
    return { ...swept, untagged: links.documents, uploads };
  } catch (error) {
    await links.restoreAll();
    throw error;
  }
}

interface Age {
  readonly root: string;
  readonly before: Date;
}

async function removeUnreachable(links: RemovedLinks, { byRepository }: References, age: Age): Promise<void> {
  for (const [name, { documents, reachable }] of byRepository) {
    for (const digest of documents) {
      if (reachable.has(digest) || !(await isOld(age, blobPath(digest)))) continue;
      await links.remove(name, "document", digest);
    }
  }
}

async function removeUploads(repository: string, age: Age): Promise<number> {
  let count = 0;
  for (const id of await listNames(age.root, uploadsPath(repository))) {
    const path = uploadPath(repository, id);
    if (!(await isOld(age, `${path}/data`)) || !(await isOld(age, path))) continue;
    await rm(join(age.root, path), { recursive: true, force: true });
    count++;
  }
  return count;
}

async function removeLayerLinks(
  links: RemovedLinks,
  { repository, needed }: { repository: string; needed: ReadonlySet<Digest> },
  age: Age,
): Promise<void> {
  for (const digest of await listDigests(age.root, layersPath(repository))) {
    if (needed.has(digest) || !(await isOld(age, layerLinkPath(repository, digest)))) continue;
    if (await isOld(age, blobPath(digest))) await links.remove(repository, "layer", digest);
  }
}

async function sweepBlobs(
  ctx: Context,
  folder: RegistryFolder,
  { links, kept, age }: { links: RemovedLinks; kept: References; age: Age },
): Promise<Pick<PrunedFolder, "removed" | "freedBytes">> {
  const moved: Digest[] = [];
  try {
    for (const digest of await listDigests(folder.root, BLOBS_PATH)) {
      ctx.signal.throwIfAborted();
      if (kept.all.has(digest) || !(await isOld(age, blobPath(digest)))) continue;
      if (await move(folder.root, blobPath(digest), prunedBlobPath(digest))) moved.push(digest);
    }
    const now = await findReferencesNow(ctx, folder, links);
    await links.commit((digest) => isWanted(digest, age));
    const garbage: Digest[] = [];
    for (const digest of moved) {
      if (!now.all.has(digest) && (await isOld(age, prunedBlobPath(digest)))) garbage.push(digest);
    }
    let freedBytes = 0;
    const removed: Digest[] = [];
    for (const digest of garbage) {
      const sizeBytes = await discard(join(folder.root, prunedBlobPath(digest)));
      if (sizeBytes === undefined) continue;
      removed.push(digest);
      freedBytes += sizeBytes;
    }
    return { removed, freedBytes };
  } finally {
    await restoreAside(folder.root);
  }
}

/** What images need now, with what was removed while they came put back: an index may need an image, that its layers. */
async function findReferencesNow(ctx: Context, folder: RegistryFolder, links: RemovedLinks): Promise<References> {
  for (;;) {
    const now = await findReferences(ctx, folder);
    if (!(await links.restore(now))) return now;
    await restoreAside(folder.root);
  }
}

/** @returns undefined when the server has taken it back: somebody asked for it. */
async function discard(path: string): Promise<number | undefined> {
  try {
    const { size } = await stat(path);
    await rm(path);
    // Somebody may have stored the blob anew.
    await rmdir(dirname(path)).catch(() => undefined);
    return size;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Puts back what was moved aside and is not to go, also by a prune that was killed. */
async function restoreAside(root: string): Promise<void> {
  for (const digest of await listDigests(root, BLOBS_PATH)) await move(root, prunedBlobPath(digest), blobPath(digest));
}

/** The same for links. */
async function restoreLinks(ctx: Context, folder: RegistryFolder): Promise<void> {
  const { root } = folder;
  for (const name of await folder.listAllRepositories(ctx)) {
    for (const digest of await listDigests(root, layersPath(name)))
      await takeLinkBack(root, layerLinkPath(name, digest));
    for (const digest of await listDigests(root, revisionsPath(name))) {
      await takeLinkBack(root, revisionLinkPath(name, digest));
    }
  }
}

/** Somebody has asked for the blob since the prune began, or it is not there at all. */
async function isWanted(digest: Digest, age: Age): Promise<boolean> {
  return !(await isOld(age, blobPath(digest))) && !(await isOld(age, prunedBlobPath(digest)));
}

/** @returns false when there is nothing to move. */
async function move(root: string, from: string, to: string): Promise<boolean> {
  try {
    await rename(join(root, from), join(root, to));
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}

/** False also for what is not there. */
async function isOld({ root, before }: Age, path: string): Promise<boolean> {
  try {
    return (await stat(join(root, path))).mtimeMs < before.getTime();
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}

/** The digests that the folders below a path stand for, with or without a folder for their first digits. */
async function listDigests(root: string, path: string): Promise<readonly Digest[]> {
  const found: Digest[] = [];
  for (const algorithm of await listNames(root, path)) {
    for (const name of await listNames(root, `${path}/${algorithm}`)) {
      const names = name.length === 2 ? await listNames(root, `${path}/${algorithm}/${name}`) : [name];
      found.push(...names.map((hex) => `${algorithm}:${hex}`).filter(isDigest));
    }
  }
  return found;
}
