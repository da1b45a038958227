import { hash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";

import { PinnedFolders } from "../../archive/pinned-folder.ts";
import type { EntryContent } from "../../archive/tar-entry.ts";
import { mapLimit } from "../../base/concurrency.ts";
import type { Context } from "../../base/context.ts";
import { systemCode } from "../../base/error.ts";
import { FILE_HASHES_FILE } from "../../store/layout.ts";
import type { LocalContent } from "../context/file-tree.ts";
import { isLocalContent } from "../context/local-tree.ts";
import { hashFile } from "./hash-file.ts";

/**
 * A file that was changed less than this before it was looked at may change again in the same tick of its file system's
 * clock, without a sign of it. Ticks are of some milliseconds, or of up to two seconds where times are whole seconds.
 */
const RACY_MS = 100;
const COARSE_RACY_MS = 2000;

/** The longest used ones go: a hash costs a reading of the file when it is needed again. */
const FILES_LIMIT = 200_000;

/** Each one takes 16 MiB of memory and a thread while it hashes a large file. */
const MAX_CONCURRENCY = 4;

export interface FileHashesOptions {
  readonly now: () => number;
  /** False: every file is read again. */
  readonly trusts: boolean;
}

/**
 * The SHA-256 of files of this machine, remembered by what the system says of them: as long as inode, size and times
 * are the same, a file is not read again.
 */
export class FileHashes {
  readonly #path: string;
  readonly #options: FileHashesOptions;
  readonly #learned = new Map<string, FileState>();
  #known: Promise<ReadonlyMap<string, FileState>> | undefined;

  constructor(storeRoot: string, options: FileHashesOptions) {
    this.#path = join(storeRoot, FILE_HASHES_FILE);
    this.#options = options;
  }

  /** Finds out the hash of each, in hex digits; what is not known is read. */
  async hashAll(ctx: Context, contents: readonly EntryContent[]): Promise<ReadonlyMap<EntryContent, string>> {
    const known = await (this.#known ??= readStates(this.#path));
    const items = contents.entries();
    const limit = Math.min(availableParallelism(), MAX_CONCURRENCY);
    const hashes = new Map<EntryContent, string>();
    const folders = new PinnedFolders();
    await mapLimit(ctx, { items, limit }, async (inner, [index, content]) => {
      hashes.set(content, this.#find(known, content) ?? (await this.#hash(inner, content, folders)));
      if (index % 64 === 0) await setImmediate(); // signals and progress get their turn between small files
    });
    return hashes;
  }

  /** True when nobody can have changed the file without a sign of it since `sinceMs`, before which it was looked at. */
  static isSettled({ changedMs }: Pick<LocalContent, "changedMs">, sinceMs: number): boolean {
    return changedMs <= sinceMs - (changedMs % 1000 === 0 ? COARSE_RACY_MS : RACY_MS);
  }

  /** Keeps what was learned. It is not synced, and what another build learns at the same time may be lost. */
  async save(): Promise<void> {
    if (this.#learned.size === 0) return;
    const states = new Map(await readStates(this.#path));
    for (const [key, state] of this.#learned) {
      states.delete(key);
      states.set(key, state);
    }
    const kept = [...states].slice(-FILES_LIMIT);
    await mkdir(dirname(this.#path), { recursive: true });
    const temporary = `${this.#path}.${randomBytes(6).toString("hex")}.tmp`;
    await writeFile(temporary, JSON.stringify(kept));
    await rename(temporary, this.#path);
    this.#learned.clear();
  }

  #find(known: ReadonlyMap<string, FileState>, content: EntryContent): string | undefined {
    if (content instanceof Uint8Array) return hash("sha256", content);
    if (content.sha256 !== undefined) return content.sha256;
    if (!this.#options.trusts || !isLocalContent(content)) return undefined;
    const state = this.#learned.get(keyOf(content)) ?? known.get(keyOf(content));
    return state?.[0] === stateOf(content) ? state[1] : undefined;
  }

  async #hash(ctx: Context, content: EntryContent, folders: PinnedFolders): Promise<string> {
    if (content instanceof Uint8Array) return hash("sha256", content);
    const startMs = this.#options.now();
    const sha256 = await hashFile(ctx, content, folders);
    const isLasting = isLocalContent(content) && FileHashes.isSettled(content, startMs);
    if (isLasting) this.#learned.set(keyOf(content), [stateOf(content), sha256]);
    return sha256;
  }
}

/** What the system said of the file, and its hash. */
type FileState = readonly [state: string, sha256: string];

function keyOf({ path, offset, length, fileSize }: LocalContent): string {
  return offset === 0 && length === fileSize ? path : `${path}\0${offset}+${length}`;
}

function stateOf({ deviceId, inode, fileSize, modifiedMs, changedMs }: LocalContent): string {
  return [deviceId, inode, fileSize, modifiedMs, changedMs].join(" ");
}

async function readStates(path: string): Promise<ReadonlyMap<string, FileState>> {
  try {
    const document: unknown = JSON.parse(await readFile(path, "utf8"));
    return new Map(Array.isArray(document) ? document.filter(isPair) : []);
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === "ENOENT") return new Map();
    throw error;
  }
}

function isPair(value: unknown): value is readonly [string, FileState] {
  if (!Array.isArray(value) || typeof value[0] !== "string" || !Array.isArray(value[1])) return false;
  const [state, sha256]: readonly unknown[] = value[1];
  return typeof state === "string" && typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256);
}
