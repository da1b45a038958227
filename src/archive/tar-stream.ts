import { setImmediate } from "node:timers/promises";

import { bytesOf, type Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import { ChangedFileError } from "./errors.ts";
import { fileChunks } from "./file-chunks.ts";
import { SlabHasher } from "./slab-hasher.ts";
import type { EntryContent, FileContent, LayerEntry } from "./tar-entry.ts";
import { BLOCK_BYTES, paddingOf, renderHeader } from "./tar-header.ts";

/**
 * The archive that `tarSlabs` gives, for few members of which some are large: content that has a digest is verified on
 * another thread while this one reads on. A chunk is valid until the next one is asked for.
 * @throws {ChangedFileError} when a file does not have its digest or is too short.
 */
export async function* tarStream(ctx: Context, entries: Iterable<LayerEntry>): Bytes {
  for (const { entry, content } of entries) {
    yield renderHeader(entry);
    if (content) yield* chunksOf(ctx, content);
    yield Buffer.alloc(paddingOf(entry.size));
    await setImmediate(); // signals and progress get their turn between small members, too
  }
  yield Buffer.alloc(2 * BLOCK_BYTES);
}

function chunksOf(ctx: Context, content: EntryContent): Bytes {
  if (content instanceof Uint8Array) return bytesOf(content);
  return content.sha256 === undefined ? fileChunks(ctx, content) : verifiedChunks(ctx, content, content.sha256);
}

async function* verifiedChunks(ctx: Context, content: FileContent, sha256: string): Bytes {
  const hasher = new SlabHasher();
  try {
    for await (const chunk of fileChunks(ctx, content, () => hasher.nextSlab())) {
      hasher.publish(chunk.byteLength);
      yield chunk;
      await hasher.free();
    }
    const found = await hasher.digest();
    if (found !== sha256) throw new ChangedFileError(content.path, `expected SHA-256 ${sha256}, found ${found}`);
  } finally {
    await hasher.close();
  }
}
