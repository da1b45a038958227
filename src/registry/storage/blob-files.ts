import { createReadStream } from "node:fs";
import { open, rename, stat, utimes, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { renameDurably } from "../../base/durable.ts";
import { systemCode } from "../../base/error.ts";
import type { Digest } from "../../oci/digest.ts";
import { blobPath, prunedBlobPath } from "./layout.ts";
import type { ByteRange } from "./storage.ts";

/** Node's 64 KiB cost half of the speed. */
export const READ_BYTES = 1024 * 1024;

/** A prune moves a blob away and back once; somebody else may do so at the same time. */
const ATTEMPTS = 3;

const NOT_WRITABLE: readonly (string | undefined)[] = ["EROFS", "EPERM", "EACCES"];

/** A blob that was asked for in this time is not marked again. */
export const WANTED_INTERVAL_MS = 60_000;

/** The blobs of a registry folder, whichever repository they belong to. */
export class BlobFiles {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** @returns the size in bytes, undefined when there is no such blob. */
  async findSize(digest: Digest): Promise<number | undefined> {
    try {
      const found = await stat(this.#path(digest));
      return found.size;
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  /**
   * Like {@link findSize}, and marks the blob as wanted: its time tells a prune that somebody may rely on it. What a
   * prune has moved aside is taken back.
   */
  async findWanted(digest: Digest): Promise<number | undefined> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const found = await this.#mark(digest);
      if (found !== undefined) return found;
      // Whether it was aside or is back already: it is looked for again.
      await rename(join(this.#root, prunedBlobPath(digest)), this.#path(digest)).catch(() => undefined);
    }
    return undefined;
  }

  async #mark(digest: Digest): Promise<number | undefined> {
    const path = this.#path(digest);
    try {
      const { size, mtimeMs } = await stat(path);
      const now = new Date();
      if (now.getTime() - mtimeMs > WANTED_INTERVAL_MS) await utimes(path, now, now);
      return size;
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      // Content that cannot be marked is on a read-only medium, where nothing is removed either.
      if (NOT_WRITABLE.includes(systemCode(error))) return this.findSize(digest);
      throw error;
    }
  }

  /** Opens the file when it is read, so that content that is never read needs no closing. */
  async *read(ctx: Context, digest: Digest): Bytes {
    yield* createReadStream(this.#path(digest), { highWaterMark: READ_BYTES, signal: ctx.signal });
  }

  /** Like {@link read}, in memory that is used again: a piece is valid until the next one is asked for. */
  async *readInPlace(ctx: Context, digest: Digest, { first, last }: ByteRange): Bytes {
    await using file = await open(this.#path(digest), "r");
    const size = Math.min(READ_BYTES, last - first + 1);
    let [current, spare] = [Buffer.allocUnsafe(size), Buffer.allocUnsafe(last - first + 1 > size ? size : 0)];
    let reading = readPiece(file, current, { first, last });
    try {
      for (let offset = first; offset <= last;) {
        ctx.signal.throwIfAborted();
        const length = await reading;
        if (length === 0) throw new Error(`Cannot read ${digest}: the file ends after ${offset} bytes`);
        offset += length;
        // The next piece is read while this one is sent.
        reading = offset > last ? Promise.resolve(0) : readPiece(file, spare, { first: offset, last });
        yield current.subarray(0, length);
        [current, spare] = [spare, current];
      }
    } finally {
      await reading.catch(() => undefined);
    }
  }

  /** Takes over a complete file with verified content, on the same file system; it is on the disk then. */
  async adopt(file: string, digest: Digest): Promise<void> {
    await renameDurably(file, this.#path(digest));
  }

  #path(digest: Digest): string {
    return join(this.#root, blobPath(digest));
  }
}

async function readPiece(file: FileHandle, buffer: Buffer, { first, last }: ByteRange): Promise<number> {
  const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.byteLength, last + 1 - first), first);
  return bytesRead;
}
