import { closeSync, readSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

import type { Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import { ChangedFileError } from "./errors.ts";
import { SLAB_BYTES } from "./hash-ring.ts";
import { openContent } from "./open-content.ts";
import type { FileContent } from "./tar-entry.ts";

/**
 * Streams a part of a local file in chunks of a megabyte.
 * @param nextBuffer gives the memory of each chunk; the default is new memory every time, so that chunks can be kept.
 * @throws {ChangedFileError} when the file ends before the part does.
 */
export async function* fileChunks(
  ctx: Context,
  content: FileContent,
  nextBuffer = (): Buffer => Buffer.allocUnsafeSlow(SLAB_BYTES),
): Bytes {
  const { path, offset, length } = content;
  const { descriptor } = openContent(content);
  try {
    for (let done = 0; done < length;) {
      ctx.signal.throwIfAborted();
      const buffer = nextBuffer();
      const count = readSync(descriptor, buffer, 0, Math.min(buffer.byteLength, length - done), offset + done);
      if (count === 0) throw new ChangedFileError(path, `expected ${offset + length} bytes, found ${offset + done}`);
      yield buffer.subarray(0, count);
      done += count;
      await setImmediate(); // signals and progress get their turn between the synchronous calls
    }
  } finally {
    closeSync(descriptor);
  }
}
