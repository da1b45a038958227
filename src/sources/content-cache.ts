import { chmod, mkdir, readFile, rename, stat } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import * as v from "valibot";

import { writeFileAtomic } from "../base/atomic-file.ts";
import type { Context } from "../base/context.ts";
import { systemCode } from "../base/error.ts";
import { hashFile } from "./hash-file.ts";

/** A file of the cache. */
export interface CachedFile {
  /** In hex digits. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly isProgram: boolean;
}

const RECORD = v.record(v.string(), v.object({ sha256: v.string(), sizeBytes: v.number(), isProgram: v.boolean() }));

/**
 * What was fetched or built, by content, and what each job resulted in, by the hash of everything that the job depends
 * on. Many processes may use one folder: files appear complete or not at all, and are never changed.
 */
export class ContentCache {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** A path for a file or folder on its way into the cache. */
  async temporary(): Promise<string> {
    await mkdir(join(this.#directory, "incoming"), { recursive: true });
    return join(this.#directory, "incoming", randomBytes(8).toString("hex"));
  }

  /** A path for a download that a later run may continue. */
  async partial(sha256: string): Promise<string> {
    await mkdir(join(this.#directory, "partial"), { recursive: true });
    return join(this.#directory, "partial", sha256);
  }

  /** The file that guards a job: what two processes want is made once. */
  lockPath(key: string): string {
    return join(this.#directory, "locks", key);
  }

  pathOf({ sha256, isProgram }: Pick<CachedFile, "sha256" | "isProgram">): string {
    return join(this.#directory, "sha256", isProgram ? `${sha256}.program` : sha256);
  }

  /** Moves a finished file into the cache. */
  async adopt(ctx: Context, path: string, isProgram: boolean): Promise<CachedFile> {
    const file = { sha256: await hashFile(ctx, path), sizeBytes: (await stat(path)).size, isProgram };
    await chmod(path, isProgram ? 0o755 : 0o644);
    await mkdir(dirname(this.pathOf(file)), { recursive: true });
    await rename(path, this.pathOf(file));
    return file;
  }

  /** A file that is there with its full size, or undefined. */
  async find(sha256: string, isProgram: boolean): Promise<CachedFile | undefined> {
    const sizeBytes = await sizeOf(this.pathOf({ sha256, isProgram }));
    return sizeBytes === undefined ? undefined : { sha256, sizeBytes, isProgram };
  }

  async putRecord(key: string, files: ReadonlyMap<string, CachedFile>): Promise<void> {
    await writeFileAtomic(this.#recordPath(key), `${JSON.stringify(Object.fromEntries(files))}\n`);
  }

  /** What a job resulted in, when all of it is still there. */
  async findRecord(key: string): Promise<ReadonlyMap<string, CachedFile> | undefined> {
    const text = await readIfPresent(this.#recordPath(key));
    if (text === undefined) return undefined;
    const files = new Map(Object.entries(v.parse(RECORD, JSON.parse(text))));
    for (const file of files.values()) if ((await sizeOf(this.pathOf(file))) !== file.sizeBytes) return undefined;
    return files;
  }

  #recordPath(key: string): string {
    return join(this.#directory, "records", `${key}.json`);
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
