import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";

import { counted, type Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import { writing } from "../base/disk-error.ts";
import type { LayerCompression } from "./compression.ts";
import { decompress } from "./decompress.ts";
import { fileChunks } from "./file-chunks.ts";
import { OutputFile } from "./output-file.ts";
import { SlabHasher } from "./slab-hasher.ts";
import { indexMembers, type IndexedEntry } from "./tar-index.ts";

export interface LayerFile {
  readonly path: string;
  readonly compression: LayerCompression;
  /** Where the uncompressed tar goes; absent: nowhere. It is not synced to the disk. */
  readonly unpackTo?: string;
}

/** Digests in hex digits: of the file as it is and of its uncompressed content. */
export interface IndexedLayer {
  readonly entries: readonly IndexedEntry[];
  readonly sha256: string;
  readonly diffSha256: string;
  /** Of the uncompressed content, in bytes. */
  readonly diffSize: number;
}

/** Reads a layer once: unpacks it, hashes file, content and each member, and says where its members are. */
export async function indexLayer(ctx: Context, layer: LayerFile): Promise<IndexedLayer> {
  const hasher = new SlabHasher();
  try {
    return await (layer.compression === "none" ? indexPlain(ctx, layer, hasher) : indexPacked(ctx, layer, hasher));
  } finally {
    await hasher.close();
  }
}

async function indexPlain(ctx: Context, { path }: LayerFile, hasher: SlabHasher): Promise<IndexedLayer> {
  const { size } = await stat(path);
  const content = fileChunks(ctx, { path, offset: 0, length: size }, () => hasher.nextSlab());
  const entries = await indexMembers(hashedInPlace(reported(ctx, content, size), hasher));
  const sha256 = await hasher.digest();
  return { entries, sha256, diffSha256: sha256, diffSize: size };
}

async function indexPacked(ctx: Context, layer: LayerFile, hasher: SlabHasher): Promise<IndexedLayer> {
  const { size } = await stat(layer.path);
  const hash = createHash("sha256");
  const packed = reported(ctx, fileChunks(ctx, { path: layer.path, offset: 0, length: size }), size);
  let diffSize = 0;
  const unpacked = counted(decompress(hashed(packed, hash), layer.compression), (count) => (diffSize = count));
  const tar = hashedAside(unpacked, hasher);
  const entries = await (layer.unpackTo === undefined ? indexMembers(tar) : indexCopied(tar, layer.unpackTo));
  return { entries, sha256: hash.digest("hex"), diffSha256: await hasher.digest(), diffSize };
}

async function indexCopied(tar: Bytes, destination: string): Promise<IndexedEntry[]> {
  return writing(destination, async () => {
    const output = new OutputFile(destination);
    try {
      return await indexMembers(copied(tar, output));
    } finally {
      output.close();
    }
  });
}

function reported(ctx: Context, content: Bytes, total: number): Bytes {
  return counted(content, (size) => ctx.progress.advance(size, total));
}

async function* hashed(content: Bytes, hash: ReturnType<typeof createHash>): Bytes {
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
}

async function* copied(content: Bytes, output: OutputFile): Bytes {
  for await (const chunk of content) {
    output.write(chunk);
    yield chunk;
  }
}

/** For chunks that are the hasher's own slabs. */
async function* hashedInPlace(content: Bytes, hasher: SlabHasher): Bytes {
  for await (const slab of content) {
    hasher.publish(slab.byteLength);
    yield slab;
    await hasher.free();
  }
}

async function* hashedAside(content: Bytes, hasher: SlabHasher): Bytes {
  for await (const chunk of content) {
    for (let done = 0; done < chunk.byteLength;) {
      const slab = hasher.nextSlab();
      const part = chunk.subarray(done, done + slab.byteLength);
      slab.set(part);
      hasher.publish(part.byteLength);
      done += part.byteLength;
      await hasher.free();
    }
    yield chunk;
  }
}
