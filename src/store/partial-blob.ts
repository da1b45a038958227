import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";

import type { Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import { isDiskFull } from "../base/disk-error.ts";
import { tryLockFile } from "../base/file-lock.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { algorithmOf, digestFromHash } from "../oci/digest.ts";
import { IntegrityError } from "../oci/errors.ts";
import { PARTIAL_FOLDER } from "./layout.ts";
import { namesIn } from "./leases.ts";

/** Gives the content from this byte on. */
export type OpenRest = (offset: number) => Promise<Bytes>;

const READ_BYTES = 1024 * 1024;

/**
 * Fills a file with content, going on behind what an earlier attempt has left there. After a failure the file keeps what
 * has come, unless the disk is full. It is not synced: after a loss of power it may be too short or damaged, which is
 * noticed when it is read.
 * @throws {IntegrityError} when it is not what was expected; the file is then gone.
 */
export async function completeFile(
  ctx: Context,
  path: string,
  { expected, openRest }: { readonly expected: Descriptor; readonly openRest: OpenRest },
): Promise<void> {
  const algorithm = algorithmOf(expected.digest);
  const hash = createHash(algorithm);
  const file = openSync(path, "a+", 0o644);
  try {
    let size = 0;
    for (const chunk of readChunks(file)) {
      ctx.signal.throwIfAborted();
      size += chunk.byteLength;
      hash.update(chunk);
    }
    if (size < expected.size) {
      for await (const chunk of await openRest(size)) {
        ctx.signal.throwIfAborted();
        size += chunk.byteLength;
        if (size > expected.size) break; // a hostile source must not be able to fill the disk
        hash.update(chunk);
        writeAll(file, chunk);
      }
    }
    const digest = digestFromHash(hash, algorithm);
    if (digest === expected.digest) return;
    throw new IntegrityError(`Expected ${expected.digest} of ${expected.size} bytes, received ${digest} after ${size}`);
  } catch (error) {
    // Others may need the room.
    if (isDiskFull(error) || error instanceof IntegrityError) await rm(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function* readChunks(file: number): Generator<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  for (let position = 0; ;) {
    const count = readSync(file, buffer, 0, buffer.byteLength, position);
    if (count === 0) return;
    yield buffer.subarray(0, count);
    position += count;
  }
}

function writeAll(file: number, chunk: Uint8Array): void {
  for (let done = 0; done < chunk.byteLength;) done += writeSync(file, chunk, done);
}

/**
 * Removes content that has not come whole and that nobody is receiving.
 * @param ageMs only what has not grown for so long; default: all
 * @returns how many bytes that were
 */
export async function removePartials(root: string, ageMs = 0): Promise<number> {
  let sizeBytes = 0;
  for (const name of await namesIn(join(root, PARTIAL_FOLDER))) {
    if (name.includes(".lock")) continue;
    const path = join(root, PARTIAL_FOLDER, name);
    const stats = await stat(path).catch(() => undefined);
    if (!stats || Date.now() - stats.mtimeMs < ageMs) continue;
    const release = await tryLockFile(`${path}.lock`);
    if (!release) continue;
    await rm(path, { force: true });
    await release();
    sizeBytes += stats.size;
  }
  return sizeBytes;
}
