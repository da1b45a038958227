import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, rm, stat, type FileHandle } from "node:fs/promises";
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
 * Fills a file with content, going on behind what an earlier attempt has left there, and puts it on the disk. After a
 * failure the file keeps what has come, unless the disk is full. @throws {IntegrityError} when it is not what was expected; the file is then gone.
 */
export async function completeFile(
  ctx: Context,
  path: string,
  { expected, openRest }: { readonly expected: Descriptor; readonly openRest: OpenRest },
): Promise<void> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o644);
  try {
    const algorithm = algorithmOf(expected.digest);
    const hash = createHash(algorithm);
    let size = 0;
    for await (const chunk of readFile(ctx, file)) {
      size += chunk.byteLength;
      hash.update(chunk);
    }
    if (size < expected.size) {
      for await (const chunk of await openRest(size)) {
        ctx.signal.throwIfAborted();
        if (size + chunk.byteLength > expected.size) throw await refuse(path, expected, "more bytes than that");
        hash.update(chunk);
        await writeAt(file, chunk, size);
        size += chunk.byteLength;
      }
    }
    const digest = digestFromHash(hash, algorithm);
    if (digest !== expected.digest) throw await refuse(path, expected, `${digest} after ${size} bytes`);
    await file.datasync();
  } catch (error) {
    if (isDiskFull(error)) await rm(path, { force: true }); // others may need the room
    throw error;
  } finally {
    await file.close();
  }
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

async function* readFile(ctx: Context, file: FileHandle): Bytes {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  for (let position = 0; ;) {
    ctx.signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, position);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}

async function writeAt(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.byteLength;) {
    done += (await file.write(chunk, done, chunk.byteLength - done, position + done)).bytesWritten;
  }
}

async function refuse(path: string, { digest, size }: Descriptor, received: string): Promise<IntegrityError> {
  await rm(path, { force: true });
  return new IntegrityError(`Expected ${digest} of ${size} bytes, received ${received}`);
}
