import { mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";

import { systemCode } from "./error.ts";

/** Some file systems cannot do it, and need it no more than those on a read-only medium. */
const NOT_POSSIBLE: readonly (string | undefined)[] = ["EINVAL", "ENOTSUP", "EROFS", "EPERM"];

/** Puts the names in a folder on the disk: a file that was made or renamed there is there after a power cut too. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } catch (error) {
    if (!NOT_POSSIBLE.includes(systemCode(error))) throw error;
  } finally {
    await folder.close();
  }
}

/** Makes a folder with its parents, all of them on the disk when this resolves. */
export async function makeDurableFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  const end = dirname(first);
  for (let made = dirname(path); made.length >= end.length; made = dirname(made)) {
    await syncFolder(made);
    if (made === end) return;
  }
}

/** How often a folder is made that somebody else removes while it is empty. */
const ATTEMPTS = 10;

/** Gives a file that is on the disk another name, which is there too when this resolves. Missing parents are made. */
export async function renameDurably(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await makeDurableFolder(dirname(to));
      await rename(from, to);
      break;
    } catch (error) {
      if (systemCode(error) !== "ENOENT" || attempt === ATTEMPTS) throw error;
    }
  }
  await syncFolder(dirname(to));
}
