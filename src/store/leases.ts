import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { systemCode } from "../base/error.ts";
import { isProcessAlive, ownProcess } from "../base/process-identity.ts";

const LEASES_FOLDER = "leases";
export const TEMPORARY_FOLDER = "tmp";

/**
 * Who uses the store. A lease is a file that lives as long as its process; whatever was touched after it was made may
 * be in use and is not pruned. Files below `tmp` belong to the process in their name and go when it is gone.
 */
export class Lease {
  readonly #root: string;
  readonly #name = `${ownProcess()}.${randomBytes(6).toString("hex")}`;
  #held: Promise<void> | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** A new path in the store's own file system, for content that is not finished; there is no file yet. */
  temporaryPath(): string {
    return join(this.#root, TEMPORARY_FOLDER, `${ownProcess()}.${randomBytes(9).toString("hex")}`);
  }

  /** From now on files that are touched are safe from everybody else's `prune`. */
  async hold(): Promise<void> {
    await (this.#held ??= this.#acquire());
  }

  /** Marks a file as used. @returns false when there is none. */
  async touch(path: string): Promise<boolean> {
    await this.hold();
    try {
      const now = new Date();
      await utimes(path, now, now);
      return true;
    } catch (error) {
      if (systemCode(error) === "ENOENT") return false;
      throw error;
    }
  }

  /** When the oldest lease of any other user was made, in ms since 1970; undefined when there is none. */
  async oldestOther(): Promise<number | undefined> {
    const times: number[] = [];
    for (const name of await namesIn(join(this.#root, LEASES_FOLDER))) {
      if (name === this.#name || !isOwnerAlive(name)) continue;
      const stats = await stat(join(this.#root, LEASES_FOLDER, name)).catch(() => undefined);
      if (stats) times.push(Math.floor(stats.mtimeMs));
    }
    return times.length === 0 ? undefined : Math.min(...times);
  }

  async release(): Promise<void> {
    await this.#held;
    this.#held = undefined;
    await rm(join(this.#root, LEASES_FOLDER, this.#name), { force: true });
  }

  async #acquire(): Promise<void> {
    await mkdir(join(this.#root, LEASES_FOLDER), { recursive: true });
    await writeFile(join(this.#root, LEASES_FOLDER, this.#name), "");
  }
}

/** Removes leases and temporary files of processes that have ended. @returns how many bytes that frees. */
export async function removeStale(root: string): Promise<number> {
  let freedBytes = 0;
  for (const folder of [LEASES_FOLDER, TEMPORARY_FOLDER]) {
    for (const name of await namesIn(join(root, folder))) {
      if (isOwnerAlive(name)) continue;
      const path = join(root, folder, name);
      freedBytes += (await stat(path).catch(() => undefined))?.size ?? 0;
      await rm(path, { recursive: true, force: true });
    }
  }
  return freedBytes;
}

/** The names in a folder, sorted; none when there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}

function isOwnerAlive(name: string): boolean {
  return isProcessAlive(name.split(".", 1)[0] ?? "");
}
