import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";

import type { Bytes } from "../../src/base/bytes.ts";
import { gzipBlocks, zstdFrames } from "../../src/archive/compress-blocks.ts";
import { decompress } from "../../src/archive/decompress.ts";
import { chunked } from "./entries.ts";

const MEGABYTE = 1024 * 1024;
const TEXT = Buffer.from("to be or not to be, that is the question\n".repeat(120_000));

test.for([
  ["nothing", Buffer.alloc(0)],
  ["one byte", Buffer.from("x")],
  ["exactly one block", TEXT.subarray(0, MEGABYTE)],
  ["one block and a byte", TEXT.subarray(0, MEGABYTE + 1)],
  ["several blocks", TEXT],
  ["noise", randomBytes(MEGABYTE + 5)],
] as const)("gzipBlocks() packs %s as one gzip member", async ([, content]) => {
  const packed = await collected(gzipBlocks(chunked(content, 70_000), 3));
  expect(gunzipSync(packed).equals(content)).toBe(true);
  expect(packed.lastIndexOf(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]))).toBe(0);
});

test("gzipBlocks() uses the block before as dictionary and stores noise as it is", async () => {
  expect((await collected(gzipBlocks(chunked(TEXT), 3))).byteLength).toBeLessThan(TEXT.byteLength / 100);
  const noise = randomBytes(MEGABYTE);
  expect((await collected(gzipBlocks(chunked(noise), 3))).byteLength).toBeLessThan(MEGABYTE + 500);
});

test("zstdFrames() packs content that is read back", async () => {
  const packed = await collected(zstdFrames(chunked(TEXT, 70_000), 3));
  expect((await buffer(decompress(chunked(packed), "zstd"))).equals(TEXT)).toBe(true);
});

test.for([
  ["gzipBlocks", gzipBlocks],
  ["zstdFrames", zstdFrames],
] as const)(
  "%s() gives the same bytes whatever runs at the same time and however the content comes",
  async ([, pack]) => {
    const one = await collected(pack(chunked(TEXT, 1_000_000), 1));
    const many = await collected(pack(chunked(TEXT, 4321), 8));
    expect(one.equals(many)).toBe(true);
  },
);

test("gzipBlocks() copies chunks before it asks for the next one", async () => {
  expect(gunzipSync(await collected(gzipBlocks(reused(), 2))).toString()).toBe("aaaaaaaaaabbbbbbbbbbcccccccccc");
});

test("gzipBlocks() passes the error of its source on", async () => {
  await expect(collected(gzipBlocks(broken(), 2))).rejects.toThrow("the source broke");
});

async function* reused(): AsyncGenerator<Uint8Array, void, undefined> {
  const chunk = Buffer.alloc(10);
  for (const letter of "abc") yield chunk.fill(letter);
}

async function* broken(): AsyncGenerator<Uint8Array, void, undefined> {
  yield TEXT;
  throw new Error("the source broke");
}

async function collected(content: Bytes): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of content) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}
