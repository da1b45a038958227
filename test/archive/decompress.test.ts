import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";

import { detectCompression } from "../../src/archive/compression.ts";
import { decompress, decompressDetected } from "../../src/archive/decompress.ts";
import { chunked } from "./entries.ts";

const NOISE = randomBytes(1_500_000);
const CHECKED = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };
const TEXT = Buffer.from("to be or not to be\n".repeat(100_000));

test.for([
  ["gzip", "1f8b08000000"],
  ["bzip2", "425a68393141"],
  ["xz", "fd377a585a00"],
  ["zstd", "28b52ffd0458"],
  ["none", "757374617200"],
  ["none", "1f"],
  ["none", ""],
])("detectCompression() tells %s by %s", ([compression, hex = ""]) => {
  expect(detectCompression(Buffer.from(hex, "hex"))).toBe(compression);
});

test.for([
  ["gzip", gzipSync(TEXT)],
  ["several members of gzip", Buffer.concat([gzipSync(TEXT.subarray(0, 99)), gzipSync(TEXT.subarray(99))])],
  ["zstd", zstdCompressSync(TEXT)],
  [
    "several frames of zstd",
    Buffer.concat([zstdCompressSync(TEXT.subarray(0, 99)), zstdCompressSync(TEXT.subarray(99))]),
  ],
  ["frames that share a chunk", Buffer.concat(parts(TEXT, 300_000).map((part) => zstdCompressSync(part, CHECKED)))],
  ["a frame that is skipped", Buffer.concat([zstdCompressSync(TEXT), Buffer.from("5f2a4d18030000006f6e65", "hex")])],
  ["a frame of incompressible blocks", zstdCompressSync(NOISE)],
  ["what is not packed", TEXT],
] as const)("decompressDetected() unpacks %s", async ([, packed]) => {
  for (const chunkBytes of [700, 50_000_000]) {
    const content = await buffer(decompressDetected(chunked(packed, chunkBytes)));
    expect(content.equals(content.byteLength === NOISE.byteLength ? NOISE : TEXT)).toBe(true);
  }
});

test("decompressDetected() passes content on that is shorter than any magic number", async () => {
  expect((await buffer(decompressDetected(chunked(Buffer.from("x"))))).toString()).toBe("x");
  expect((await buffer(decompressDetected(chunked(Buffer.alloc(0))))).byteLength).toBe(0);
});

test.for([
  ["gzip", "cut short", gzipSync(TEXT).subarray(0, -9)],
  ["gzip", "not gzip", Buffer.from("something else")],
  ["gzip", "damaged", gzipSync(TEXT).fill(0xaa, 200, 240)],
  ["zstd", "cut short", zstdCompressSync(TEXT).subarray(0, -5)],
  ["zstd", "cut in its second frame", Buffer.concat([zstdCompressSync(TEXT), zstdCompressSync(TEXT).subarray(0, 9)])],
  ["zstd", "followed by something else", Buffer.concat([zstdCompressSync(TEXT), Buffer.from("more")])],
  ["zstd", "not zstd", Buffer.from("something else")],
] as const)("decompress() refuses %s content that is %s", async ([compression, , packed]) => {
  await expect(buffer(decompress(chunked(packed), compression))).rejects.toMatchObject({
    code: "INVALID_INPUT",
    message: expect.stringContaining(`Cannot unpack ${compression} content: `),
  });
});

test("decompress() passes the error of its source on", async () => {
  await expect(buffer(decompress(broken(), "gzip"))).rejects.toThrow("the source broke");
});

test("decompress() gives its source back when the reader stops early", async () => {
  const closed = Promise.withResolvers<void>();
  async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) yield gzipSync(TEXT);
    } finally {
      closed.resolve();
    }
  }
  for await (const _ of decompress(source(), "gzip")) break;
  await closed.promise;
});

async function* broken(): AsyncGenerator<Uint8Array, void, undefined> {
  yield gzipSync(TEXT);
  throw new Error("the source broke");
}

function parts(content: Buffer, sizeBytes: number): Buffer[] {
  const count = Math.ceil(content.byteLength / sizeBytes);
  return Array.from({ length: count }, (_, index) => content.subarray(index * sizeBytes, (index + 1) * sizeBytes));
}
