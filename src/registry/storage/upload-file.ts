import { fdatasync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { promisify } from "node:util";

import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";

/** Where the bytes of an upload are collected, and who else gets them. */
export interface ByteSink {
  /** Where the next bytes go. What was taken before the last time may be overwritten. */
  buffer(): Buffer;
  /** The bytes are on their way into the file. */
  take(length: number): Promise<void>;
  /** So many more are in the file. */
  count(length: number): void;
}

const sync = promisify(fdatasync);

/** After so much the disk begins to write, so that little is left to wait for at the end. */
const SYNC_INTERVAL_BYTES = 128 * 1024 * 1024;

/**
 * Writes content to the end of a file, in large pieces unless `isEager`. What came before a failure of the source is
 * written too; what is written when this resolves is on the disk.
 */
export async function writeUpload(
  ctx: Context,
  file: FileHandle,
  { content, sink, isEager }: { readonly content: Bytes; readonly sink: ByteSink; readonly isEager: boolean },
): Promise<void> {
  const syncing = new BackgroundSync(file.fd);
  let target = sink.buffer();
  let filled = 0;
  let writing = Promise.resolve();
  const flush = async (): Promise<void> => {
    await writing;
    if (filled === 0) return;
    const length = filled;
    // One piece is written while the next one comes.
    writing = writeAll(file, target.subarray(0, length)).then(() => {
      sink.count(length);
      return syncing.count(length);
    });
    writing.catch(() => undefined); // the next flush tells it
    await sink.take(length);
    filled = 0;
    target = sink.buffer();
  };
  try {
    for await (const chunk of content) {
      ctx.signal.throwIfAborted();
      for (let offset = 0; offset < chunk.byteLength;) {
        const part = chunk.subarray(offset, offset + target.byteLength - filled);
        target.set(part, filled);
        filled += part.byteLength;
        offset += part.byteLength;
        if (filled === target.byteLength) await flush();
      }
      if (!isEager) continue;
      await flush();
      await writing;
    }
  } finally {
    await flush();
    await writing;
  }
  await syncing.finish();
}

async function writeAll(file: FileHandle, piece: Buffer): Promise<void> {
  for (let offset = 0; offset < piece.byteLength;) {
    const { bytesWritten } = await file.write(piece, offset);
    offset += bytesWritten;
  }
}

class BackgroundSync {
  readonly #descriptor: number;
  #unsyncedBytes = 0;
  /** An error is told once only, by the call that finds it. */
  #running: Promise<void> = Promise.resolve();

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  count(sizeBytes: number): void {
    this.#unsyncedBytes += sizeBytes;
    if (this.#unsyncedBytes < SYNC_INTERVAL_BYTES) return;
    this.#unsyncedBytes = 0;
    this.#running = this.#running.then(() => sync(this.#descriptor));
    this.#running.catch(() => undefined); // `finish` tells it
  }

  async finish(): Promise<void> {
    await this.#running;
    await sync(this.#descriptor);
  }
}
