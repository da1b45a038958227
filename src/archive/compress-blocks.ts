import { promisify } from "node:util";
import { constants, crc32, deflateRaw, zstdCompress } from "node:zlib";

import type { Bytes } from "../base/bytes.ts";

const GZIP_LEVEL = 4;
const ZSTD_LEVEL = 3;
const BLOCK_BYTES = 1024 * 1024;
/** So that one call holds a block that cannot be packed, with what zstd puts around it. */
const ZSTD_OUTPUT_BYTES = BLOCK_BYTES + 32 * 1024;
const DICTIONARY_BYTES = 32 * 1024;

// RFC 1952: deflate, no flags, no time, no extra flags, unknown operating system.
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
const GZIP_LAST_BLOCK = Buffer.from([3, 0]);

const deflate = promisify<Uint8Array, object, Buffer>(deflateRaw);
const compressFrame = promisify<Uint8Array, object, Buffer>(zstdCompress);

/**
 * Packs content as one gzip member. Its blocks are compressed independently, `concurrency` at a time on the thread
 * pool, each with the end of the one before as dictionary. The block size alone decides the bytes, never the number of
 * threads. Chunks of `content` are copied before the next one is asked for; those that are given are valid as long.
 */
export async function* gzipBlocks(content: Bytes, concurrency: number): AsyncGenerator<Uint8Array, void, undefined> {
  const blocks = new BlockMemory();
  let checksum = 0;
  let size = 0;
  let dictionary: Buffer | undefined;
  yield GZIP_HEADER;
  yield* mapOrdered(blocks.fill(content), concurrency, async (block) => {
    checksum = crc32(block, checksum);
    size += block.byteLength;
    const packed = deflateBlock(block, dictionary);
    dictionary = Buffer.from(block.subarray(-DICTIONARY_BYTES));
    return blocks.releaseAfter(block, packed);
  });
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(checksum, 0);
  trailer.writeUInt32LE(size % 2 ** 32, 4);
  yield Buffer.concat([GZIP_LAST_BLOCK, trailer]);
}

/** Packs content as a sequence of zstd frames, `concurrency` at a time; otherwise as `gzipBlocks`. */
export function zstdFrames(content: Bytes, concurrency: number): AsyncGenerator<Uint8Array, void, undefined> {
  const params = { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL, [constants.ZSTD_c_checksumFlag]: 1 };
  // Not with ZSTD_c_nbWorkers: the asynchronous call then returns wrong data without an error.
  const blocks = new BlockMemory();
  return mapOrdered(blocks.fill(content), concurrency, async (block) =>
    blocks.releaseAfter(block, compressFrame(block, { params, chunkSize: ZSTD_OUTPUT_BYTES })),
  );
}

function deflateBlock(block: Buffer, dictionary: Buffer | undefined): Promise<Buffer> {
  return deflate(block, {
    level: isIncompressible(block) ? 0 : GZIP_LEVEL,
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: BLOCK_BYTES + 1024,
    ...(dictionary ? { dictionary } : {}),
  });
}

/** True for content that is packed already: sixteen samples of it have close to eight bits of entropy a byte. */
function isIncompressible(block: Buffer): boolean {
  const counts = new Uint32Array(256);
  const step = Math.floor(block.byteLength / 16);
  if (step < 1024) return false;
  for (let sample = 0; sample < 16; sample++) {
    for (const byte of block.subarray(sample * step, sample * step + 1024)) counts[byte] = (counts[byte] ?? 0) + 1;
  }
  const total = 16 * 1024;
  const bits = counts.reduce((sum, count) => (count === 0 ? sum : sum - (count / total) * Math.log2(count / total)), 0);
  return bits > 7.9;
}

/** Memory of blocks that is used again: what waits for the garbage collection counts, too. */
class BlockMemory {
  readonly #free: Buffer[] = [];

  /** Content in blocks of exactly a megabyte, the last one shorter. */
  async *fill(content: Bytes): AsyncGenerator<Buffer, void, undefined> {
    let block = this.#take();
    let used = 0;
    for await (const chunk of content) {
      for (let done = 0; done < chunk.byteLength;) {
        const part = chunk.subarray(done, done + BLOCK_BYTES - used);
        block.set(part, used);
        used += part.byteLength;
        done += part.byteLength;
        if (used < BLOCK_BYTES) continue;
        yield block;
        block = this.#take();
        used = 0;
      }
    }
    if (used > 0) yield block.subarray(0, used);
  }

  /** Takes a block back when the work on it is done. */
  async releaseAfter(block: Buffer, work: Promise<Buffer>): Promise<Buffer> {
    const result = await work;
    if (block.byteLength === BLOCK_BYTES) this.#free.push(block);
    return result;
  }

  #take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
  }
}

async function* mapOrdered<T>(
  items: AsyncIterable<T>,
  concurrency: number,
  work: (item: T) => Promise<Buffer>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const running: Promise<Buffer>[] = [];
  try {
    for await (const item of items) {
      running.push(work(item));
      const first = running.length >= concurrency ? running.shift() : undefined;
      if (first) yield* freedAfterUse(await first);
    }
    for (let first = running.shift(); first; first = running.shift()) yield* freedAfterUse(await first);
  } finally {
    await Promise.allSettled(running);
  }
}

/** Gives memory back at once: the garbage collection would let it grow by a hundred megabytes first. */
function* freedAfterUse(chunk: Buffer): Generator<Uint8Array> {
  yield chunk;
  const memory = chunk.buffer;
  const isShared = memory.byteLength <= Buffer.poolSize; // Node cuts small buffers out of a common one
  if (memory instanceof ArrayBuffer && !isShared) memory.transfer(0);
}
