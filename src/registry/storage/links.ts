import { readdir, readFile, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";

import { writeFileAtomic } from "../../base/atomic-file.ts";
import { backgroundContext } from "../../base/context.ts";
import { makeDurableFolder, syncFolder } from "../../base/durable.ts";
import { systemCode } from "../../base/error.ts";
import { retry, type RetryPolicy } from "../../base/retry.ts";
import { isDigest, type Digest } from "../../oci/digest.ts";
import { IntegrityError } from "../../oci/errors.ts";

/** How often a link is written that somebody else removes at the same time. */
const ATTEMPTS = 10;

/** The distribution registry empties a link before it writes it anew; a power cut may leave it so. */
const EMPTY_RETRY: RetryPolicy = { attempts: 4, firstDelayMs: 2, isTransient: (error) => error instanceof EmptyLink };

class EmptyLink extends Error {}

/** @returns undefined when there is no link. @throws {IntegrityError} when the file is not a link. */
export async function readLink(root: string, path: string): Promise<Digest | undefined> {
  try {
    return await retry(backgroundContext(), EMPTY_RETRY, () => readLinkOnce(join(root, path)));
  } catch (error) {
    if (isAbsent(error) || error instanceof EmptyLink) return undefined;
    throw error;
  }
}

async function readLinkOnce(path: string): Promise<Digest> {
  const text = (await readFile(path, "utf8")).trim();
  if (isDigest(text)) return text;
  if (text === "") throw new EmptyLink();
  throw new IntegrityError(`Cannot read "${path}": it holds no digest`, { hint: "Push the image again" });
}

/** The link is on the disk when this resolves. */
export async function writeLink(root: string, path: string, digest: Digest): Promise<void> {
  if ((await readLink(root, path).catch(() => undefined)) === digest) return;
  for (let attempt = 1; ; attempt++) {
    try {
      await writeDurably(join(root, path), digest);
      return;
    } catch (error) {
      // Whoever removes the same link removes its folder too.
      if (!isAbsent(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function writeDurably(path: string, digest: Digest): Promise<void> {
  await makeDurableFolder(dirname(path));
  await writeFileAtomic(path, digest);
  await syncFolder(dirname(path));
}

/** @returns false when there was none. */
export async function removeLink(root: string, path: string): Promise<boolean> {
  const folder = dirname(join(root, path));
  try {
    await rm(join(root, path));
    await syncFolder(folder);
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
  // Somebody may have written the link anew.
  await rmdir(folder).catch(() => undefined);
  return true;
}

/** Like {@link readLink}; takes back a link that a prune has moved aside: somebody wants it. */
export async function readWantedLink(root: string, path: string): Promise<Digest | undefined> {
  const found = await readLink(root, path);
  if (found !== undefined) return found;
  // The prune may put it back itself at this moment.
  await takeLinkBack(root, path);
  return readLink(root, path);
}

/** Takes a link away so that it can be taken back. @returns false when there is none. */
export async function moveLinkAside(root: string, path: string): Promise<boolean> {
  return renameIfPresent(join(root, path), asidePath(root, path));
}

/** @returns false when it was not moved aside. */
export async function takeLinkBack(root: string, path: string): Promise<boolean> {
  return renameIfPresent(asidePath(root, path), join(root, path));
}

/** @returns false when it has been taken back. */
export async function discardAside(root: string, path: string): Promise<boolean> {
  const aside = asidePath(root, path);
  try {
    await rm(aside);
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
  // Somebody may have written the link anew.
  await rmdir(dirname(aside)).catch(() => undefined);
  return true;
}

function asidePath(root: string, path: string): string {
  return join(root, dirname(path), "pruned");
}

async function renameIfPresent(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

/** Names in a folder, sorted; none when it is not there. */
export async function listNames(root: string, path: string): Promise<readonly string[]> {
  try {
    return (await readdir(join(root, path))).filter((name) => !name.startsWith(".")).sort();
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR";
}
