import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";

import { gzipBlocks, zstdFrames } from "../archive/compress-blocks.ts";
import { decompress } from "../archive/decompress.ts";
import { fileChunks } from "../archive/file-chunks.ts";
import { OutputFile } from "../archive/output-file.ts";
import type { Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import { writing } from "../base/disk-error.ts";
import type { Fetcher, Pusher } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { digestFromHash } from "../oci/digest.ts";
import { findCompression, layerMediaType } from "../oci/media-type.ts";
import { verified } from "../oci/verify.ts";

/** Blocks that are packed at the same time. */
const CONCURRENCY = 4;

interface Repacking {
  readonly from: Fetcher;
  readonly to: Pusher;
  readonly compression: "gzip" | "zstd";
  readonly createTemporary: () => string;
}

/** Packs a stream. The same content gives the same bytes. */
export function compress(content: Bytes, compression: "gzip" | "zstd"): Bytes {
  return compression === "gzip" ? gzipBlocks(content, CONCURRENCY) : zstdFrames(content, CONCURRENCY);
}

/** Stores a layer in another packing; one that has it already is copied as it is. */
export async function repackLayer(
  ctx: Context,
  layer: Descriptor,
  { from, to, compression, createTemporary }: Repacking,
): Promise<Descriptor> {
  const content = verified(await from.fetch(ctx, layer), layer);
  const before = findCompression(layer.mediaType);
  if (before === undefined || before === compression) {
    await to.push(ctx, layer, content);
    return layer;
  }
  const path = createTemporary();
  try {
    const { digest, size } = await writeHashed(ctx, compress(decompress(content, before), compression), path);
    const descriptor = { mediaType: layerMediaType(compression), digest, size };
    await to.push(ctx, descriptor, fileChunks(ctx, { path, offset: 0, length: size }));
    return descriptor;
  } finally {
    await rm(path, { force: true });
  }
}

async function writeHashed(ctx: Context, content: Bytes, path: string): Promise<Pick<Descriptor, "digest" | "size">> {
  const hash = createHash("sha256");
  return writing(path, async () => {
    const output = new OutputFile(path);
    try {
      for await (const chunk of content) {
        ctx.signal.throwIfAborted();
        hash.update(chunk);
        output.write(chunk);
      }
      return { digest: digestFromHash(hash), size: output.size };
    } finally {
      output.close();
    }
  });
}
