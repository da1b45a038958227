import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import { InputError, systemCode } from "../base/error.ts";
import { EMPTY_LOCK, parseLock, type SourcesLock } from "./lock.ts";
import { parseSourcesFile, type SourcesFile } from "./sources-file.ts";

/** A sources file with its lock. */
export interface Sources {
  readonly file: SourcesFile;
  readonly lock: SourcesLock;
  /** What the paths in the file are relative to; absolute. */
  readonly directory: string;
  readonly lockPath: string;
}

const FILE_NAME = "sources.yaml";

/** @param path of the file or of the folder that holds it. A missing lock is an empty one. */
export async function readSources(path: string): Promise<Sources> {
  const file = await findFile(resolve(path));
  const directory = dirname(file);
  const lockPath = join(directory, `${basename(file, ".yaml")}.lock`);
  return {
    file: parseSourcesFile(await readFile(file, "utf8"), file),
    lock: await readLock(lockPath),
    directory,
    lockPath,
  };
}

async function findFile(path: string): Promise<string> {
  try {
    if (!(await stat(path)).isDirectory()) return path;
    await stat(join(path, FILE_NAME));
    return join(path, FILE_NAME);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    throw new InputError(`Cannot find sources in "${path}": there is no ${FILE_NAME}`, {
      cause: error,
      hint: `Name a ${FILE_NAME} or the folder that holds one`,
    });
  }
}

async function readLock(path: string): Promise<SourcesLock> {
  try {
    return parseLock(await readFile(path, "utf8"), path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return EMPTY_LOCK;
    throw error;
  }
}
