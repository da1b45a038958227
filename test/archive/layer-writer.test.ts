import { createHash } from "node:crypto";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";

import type { LayerCompression } from "../../src/archive/compression.ts";
import { decompress } from "../../src/archive/decompress.ts";
import { writeLayer } from "../../src/archive/layer-writer.ts";
import type { LayerEntry } from "../../src/archive/tar-entry.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { chunked, member, tarOf, textMember } from "./entries.ts";

const temporary = useTemporaryFolder();
const ctx = backgroundContext();
const SMALL: readonly LayerEntry[] = [
  { entry: member("etc", { type: "directory", mode: 0o755 }) },
  textMember("etc/hostname", "web\n"),
];
const MEGABYTE = 1024 * 1024;

test.for<[LayerCompression, number, string]>([
  ["none", 2560, "1f86abea"],
  ["gzip", 140, "d1237b9f"],
  ["zstd", 127, "cfb6edf6"],
])("writeLayer() gives the same bytes everywhere with compression %s", async ([compression, size, sha256]) => {
  const summary = await writeLayer(ctx, SMALL, { destination: temporary("layer"), compression });
  expect({ ...summary, sha256: summary.sha256.slice(0, 8) }).toMatchObject({ size, sha256 });
});

test.for<LayerCompression>(["none", "gzip", "zstd"])(
  "writeLayer() says what it wrote with compression %s, more than the hashing ring holds",
  async (compression) => {
    writeFileSync(temporary("file"), Buffer.alloc(20 * MEGABYTE + 77, "to be or not to be\n"));
    const content = { path: temporary("file"), offset: 0, length: 20 * MEGABYTE + 77 };
    const entries = [...SMALL, { entry: member("large", { size: content.length }), content }];
    const summary = await writeLayer(ctx, entries, { destination: temporary("layer"), compression });
    const written = readFileSync(temporary("layer"));
    const tar = await buffer(decompress(chunked(written, MEGABYTE), compression));
    expect(summary).toEqual({
      sha256: sha256Of(written),
      size: written.byteLength,
      diffSha256: sha256Of(tar),
      diffSize: tar.byteLength,
    });
    expect(tar.equals(tarOf(entries))).toBe(true);
  },
);

test("writeLayer() replaces a file that is there", async () => {
  writeFileSync(temporary("layer"), "x".repeat(10_000));
  const { size } = await writeLayer(ctx, [], { destination: temporary("layer"), compression: "none" });
  expect(size).toBe(1024);
  expect(readFileSync(temporary("layer")).byteLength).toBe(1024);
});

test("writeLayer() leaves no file when an entry fails", async () => {
  const entry = { entry: member("a", { size: 1 }), content: { path: temporary("absent"), offset: 0, length: 1 } };
  const written = writeLayer(ctx, [...SMALL, entry], { destination: temporary("layer"), compression: "gzip" });
  await expect(written).rejects.toMatchObject({ code: "ENOENT" });
  expect(existsSync(temporary("layer"))).toBe(false);
});

test("writeLayer() stops and leaves no file when it is cancelled", async () => {
  const cancel = new AbortController();
  function* entries(): Generator<LayerEntry> {
    yield { entry: member("zeros", { size: 2 * MEGABYTE }), content: Buffer.alloc(2 * MEGABYTE) };
    cancel.abort(new Error("cancelled"));
    yield { entry: member("more", { size: 2 * MEGABYTE }), content: Buffer.alloc(2 * MEGABYTE) };
  }
  const options = { destination: temporary("layer"), compression: "none" } as const;
  await expect(writeLayer({ ...ctx, signal: cancel.signal }, entries(), options)).rejects.toThrow("cancelled");
  expect(existsSync(temporary("layer"))).toBe(false);
});

test("writeLayer() says that the disk is full", async () => {
  symlinkSync("/dev/full", temporary("layer")); // never the device itself: what fails is removed
  const written = writeLayer(ctx, SMALL, { destination: temporary("layer"), compression: "none" });
  const message = `Cannot write "${temporary("layer")}": no space is left on its file system`;
  await expect(written).rejects.toMatchObject({ code: "DISK_FULL", message });
});

function sha256Of(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
