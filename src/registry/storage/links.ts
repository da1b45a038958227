import { readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { writeFileAtomic } from "../../base/atomic-file.ts";
import { systemCode } from "../../base/error.ts";
import { isDigest, type Digest } from "../../oci/digest.ts";
import { IntegrityError } from "../../oci/errors.ts";

/** @returns undefined when there is no link. @throws {IntegrityError} when the file is not a link. */
export async function readLink(root: string, path: string): Promise<Digest | undefined> {
  let text: string;
  try {
    text = (await readFile(join(root, path), "utf8")).trim();
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
  if (isDigest(text)) return text;
  throw new IntegrityError(`Cannot read "${join(root, path)}": it holds no digest`, {
    hint: "Push the image again",
  });
}

export async function writeLink(root: string, path: string, digest: Digest): Promise<void> {
  if ((await readLink(root, path).catch(() => undefined)) === digest) return;
  await writeFileAtomic(join(root, path), digest);
}

/** @returns false when there was none. */
export async function removeLink(root: string, path: string): Promise<boolean> {
  try {
    await rm(join(root, path));
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
  await rm(dirname(join(root, path)), { recursive: true, force: true });
  return true;
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
