import { constants } from "node:fs";
import { copyFile, link, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as v from "valibot";

import { writeFileAtomic } from "../base/atomic-file.ts";
import type { Context } from "../base/context.ts";
import { writing } from "../base/disk-error.ts";
import { InputError, systemCode } from "../base/error.ts";
import type { CachedFile, ContentCache } from "./content-cache.ts";
import type { PayloadFiles } from "./source-way.ts";

/** What the folder was filled with: SHA-256 by path. The same payload has the same list, byte for byte. */
const LIST = ".payload.json";

type List = Readonly<Record<string, string>>;

/** A file system may refuse hard links in these ways. */
const NO_LINK_CODES = ["EXDEV", "EPERM", "EMLINK", "ENOTSUP", "ENOSYS"];

/**
 * Makes a folder hold exactly these files: hard links into the cache where its file system allows it, copies otherwise.
 * The files must not be changed in place. @throws {InputError} when the folder has files that are not ours.
 */
export async function fillFolder(
  ctx: Context,
  folder: string,
  { cache, files }: { cache: ContentCache; files: PayloadFiles },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const before = await readList(folder);
  const wanted = Object.fromEntries([...files].map(([path, { sha256 }]) => [path, sha256]));
  // Before the first file: a run that is cut off leaves nothing that the next one takes for somebody else's.
  await writeList(folder, { ...before, ...wanted });
  for (const path of Object.keys(before)) if (!files.has(path)) await rm(join(folder, path), { force: true });
  for (const [path, file] of files) {
    ctx.signal.throwIfAborted();
    await writing(folder, () => putFile(join(folder, path), { cache, file }));
  }
  await writeList(folder, wanted);
}

async function writeList(folder: string, list: List): Promise<void> {
  const sorted = Object.entries(list).toSorted(([a], [b]) => (a < b ? -1 : 1));
  await writeFileAtomic(join(folder, LIST), `${JSON.stringify(Object.fromEntries(sorted), undefined, 1)}\n`);
}

async function readList(folder: string): Promise<List> {
  try {
    return v.parse(v.record(v.string(), v.string()), JSON.parse(await readFile(join(folder, LIST), "utf8")));
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    if ((await readdir(folder)).length === 0) return {};
    throw new InputError(`Cannot fill folder "${folder}": it holds other files`, {
      hint: "Name an empty folder, or one that was filled before",
    });
  }
}

async function putFile(destination: string, { cache, file }: { cache: ContentCache; file: CachedFile }): Promise<void> {
  const source = cache.pathOf(file);
  if (await isSameFile(source, destination)) return;
  await mkdir(dirname(destination), { recursive: true });
  await rm(destination, { force: true });
  try {
    await link(source, destination);
  } catch (error) {
    if (!NO_LINK_CODES.includes(systemCode(error) ?? "")) throw error;
    await copyFile(source, destination, constants.COPYFILE_FICLONE);
  }
}

async function isSameFile(source: string, destination: string): Promise<boolean> {
  try {
    const [wanted, found] = [await stat(source), await stat(destination)];
    return wanted.ino === found.ino && wanted.dev === found.dev;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}
