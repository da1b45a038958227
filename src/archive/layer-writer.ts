import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";

import type { Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import { writing } from "../base/disk-error.ts";
import { assertNever } from "../base/error.ts";
import type { LayerCompression } from "./compression.ts";
import { gzipBlocks, zstdFrames } from "./compress-blocks.ts";
import { OutputFile } from "./output-file.ts";
import { SlabHasher } from "./slab-hasher.ts";
import type { LayerEntry } from "./tar-entry.ts";
import { tarSlabs } from "./tar-writer.ts";

/** Of blocks that are compressed at the same time: each one takes up to 6 MiB of memory. */
const MAX_CONCURRENCY = 8;

export interface LayerOptions {
  /** A file that is made or replaced; after a failure it is not there. */
  readonly destination: string;
  readonly compression: LayerCompression;
}

/** What was written: digests in hex digits, sizes in bytes. Without compression both pairs are the same. */
export interface LayerSummary {
  readonly sha256: string;
  readonly size: number;
  readonly diffSha256: string;
  readonly diffSize: number;
}

/**
 * Writes a layer in one pass: every file is read once and every byte hashed once. The same entries give the same bytes
 * on any machine. The file is not synced to the disk: whoever gives it its final name does that.
 */
export async function writeLayer(
  ctx: Context,
  entries: Iterable<LayerEntry>,
  { destination, compression }: LayerOptions,
): Promise<LayerSummary> {
  const hasher = new SlabHasher();
  const output = new OutputFile(destination);
  try {
    const tar = new HashedTar(ctx, entries, hasher);
    const written = await writing(destination, () => writeCompressed(tar, compression, output));
    const diffSha256 = await hasher.digest();
    return { sha256: written ?? diffSha256, size: output.size, diffSha256, diffSize: tar.size };
  } catch (error) {
    await rm(destination, { force: true });
    throw error;
  } finally {
    output.close();
    await hasher.close();
  }
}

/** @returns the digest of what was written, undefined when that is the tar stream itself. */
async function writeCompressed(
  tar: Bytes,
  compression: LayerCompression,
  output: OutputFile,
): Promise<string | undefined> {
  const concurrency = Math.min(availableParallelism() + 1, MAX_CONCURRENCY);
  switch (compression) {
    case "none":
      for await (const chunk of tar) output.write(chunk);
      return undefined;
    case "gzip":
      return writeHashed(gzipBlocks(tar, concurrency), output);
    case "zstd":
      return writeHashed(zstdFrames(tar, concurrency), output);
    default:
      return assertNever(compression);
  }
}

async function writeHashed(content: Bytes, output: OutputFile): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of content) {
    hash.update(chunk);
    output.write(chunk);
  }
  return hash.digest("hex");
}

/** The tar stream, being hashed beside; a chunk is valid until the next one is asked for. */
class HashedTar implements Bytes {
  /** Of what came so far, in bytes. */
  size = 0;
  readonly #ctx: Context;
  readonly #entries: Iterable<LayerEntry>;
  readonly #hasher: SlabHasher;

  constructor(ctx: Context, entries: Iterable<LayerEntry>, hasher: SlabHasher) {
    this.#ctx = ctx;
    this.#entries = entries;
    this.#hasher = hasher;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (const slab of tarSlabs(this.#entries, () => this.#hasher.nextSlab())) {
      this.#ctx.signal.throwIfAborted();
      this.#hasher.publish(slab.byteLength);
      this.size += slab.byteLength;
      yield slab;
      this.#ctx.progress.advance(this.size);
      await this.#hasher.free();
      await setImmediate(); // signals and progress get their turn between the synchronous file calls
    }
  }
}
