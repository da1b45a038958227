import { rm, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { writeFileAtomic } from "../../base/atomic-file.ts";
import { systemCode } from "../../base/error.ts";
import { isProcessAlive, ownProcess } from "../../base/process-identity.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { digestOf, hexOf } from "../../oci/digest.ts";

/** A blob on its way to a repository. */
export interface UploadKey {
  readonly registry: string;
  readonly repository: string;
  readonly expected: Descriptor;
}

/** Remembers where the upload of a blob goes on that was cut off. */
export interface UploadSessions {
  /** Gives an upload that was cut off to one caller, who goes on with it. */
  take(key: UploadKey): Promise<URL | undefined>;
  /** The upload is under way. */
  keep(key: UploadKey, location: URL): Promise<void>;
  /** The upload was cut off. @returns how often that has happened to it in this process. */
  release(key: UploadKey): Promise<number>;
  /** There is nothing left to go on with. */
  forget(key: UploadKey): Promise<void>;
}

/** Within one process. */
export class UploadMemory implements UploadSessions {
  readonly #uploads = new Map<string, { readonly location: URL; isCutOff: boolean; cuts: number }>();

  async take(key: UploadKey): Promise<URL | undefined> {
    const upload = this.#uploads.get(nameOf(key));
    if (!upload?.isCutOff) return undefined;
    upload.isCutOff = false;
    return upload.location;
  }

  async keep(key: UploadKey, location: URL): Promise<void> {
    const cuts = this.#uploads.get(nameOf(key))?.cuts ?? 0;
    this.#uploads.set(nameOf(key), { location, isCutOff: false, cuts });
  }

  async release(key: UploadKey): Promise<number> {
    const upload = this.#uploads.get(nameOf(key));
    if (!upload) return 0;
    upload.isCutOff = true;
    return ++upload.cuts;
  }

  async forget(key: UploadKey): Promise<void> {
    this.#uploads.delete(nameOf(key));
  }
}

/** Less is sent again sooner than it is remembered. */
const KEPT_BYTES = 4 * 1024 * 1024;

/** Registries remove unfinished uploads after a week. */
const MAX_AGE_MS = 7 * 24 * 3_600_000;

/**
 * Large uploads also for the process after one that was killed: one file each, which only its owner reads, since its
 * URL lets one write. Where the folder cannot be used they are remembered in memory only: no upload depends on it.
 */
export class UploadFolder implements UploadSessions {
  readonly #folder: string;
  readonly #memory = new UploadMemory();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async take(key: UploadKey): Promise<URL | undefined> {
    return (
      (await this.#memory.take(key)) ?? (isKept(key) ? ignoringDisk(() => readOrphan(this.#path(key))) : undefined)
    );
  }

  async keep(key: UploadKey, location: URL): Promise<void> {
    await this.#memory.keep(key, location);
    if (!isKept(key)) return;
    const content = `${ownProcess()}\n${location.href}\n`;
    await ignoringDisk(() => writeFileAtomic(this.#path(key), content, { mode: 0o600 }));
  }

  release(key: UploadKey): Promise<number> {
    return this.#memory.release(key);
  }

  async forget(key: UploadKey): Promise<void> {
    await this.#memory.forget(key);
    if (isKept(key)) await ignoringDisk(() => rm(this.#path(key), { force: true }));
  }

  #path(key: UploadKey): string {
    return join(this.#folder, hexOf(digestOf(Buffer.from(nameOf(key)))));
  }
}

/** An upload whose process is gone. */
async function readOrphan(path: string): Promise<URL | undefined> {
  const { mtimeMs } = await stat(path);
  if (Date.now() - mtimeMs > MAX_AGE_MS) return undefined;
  const [owner = "", href = ""] = (await readFile(path, "utf8")).split("\n");
  return isProcessAlive(owner) ? undefined : (URL.parse(href) ?? undefined);
}

async function ignoringDisk<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

function isKept({ expected }: UploadKey): boolean {
  return expected.size >= KEPT_BYTES;
}

function nameOf({ registry, repository, expected }: UploadKey): string {
  return `${registry}/${repository}@${expected.digest}`;
}
