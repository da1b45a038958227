import * as fc from "fast-check";
import { expect, test } from "vitest";

import type { LayerEntry, TarEntry } from "../../src/archive/tar-entry.ts";
import { decompressDetected } from "../../src/archive/decompress.ts";
import { indexMembers } from "../../src/archive/tar-index.ts";
import { KnownError } from "../../src/base/error.ts";
import { chunked, tarOf } from "./entries.ts";

const SETTINGS = { seed: 4, numRuns: 300 } as const;

const name = fc
  .string({ unit: "binary", minLength: 1, maxLength: 120 })
  .filter((text) => !/[/\0]|\p{Surrogate}/u.test(text) && text !== "." && text !== "..");
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const attributes = {
  path,
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.integer({ min: 0, max: 0xffff_fffe }),
  gid: fc.integer({ min: 0, max: 0xffff_fffe }),
  mtime: fc.oneof(
    fc.integer({ min: -1e9, max: 1e11 }),
    fc.integer().map((ms) => ms / 1000),
  ),
};

const entry: fc.Arbitrary<LayerEntry> = fc.oneof(
  fc.record({ ...attributes, content: fc.uint8Array({ maxLength: 3000 }) }).map(({ content, ...others }) => ({
    entry: { ...others, type: "file" as const, size: content.byteLength },
    content,
  })),
  fc.record(attributes).map((others) => ({ entry: { ...others, type: "directory" as const, size: 0 } })),
  fc.record(attributes).map((others) => ({ entry: { ...others, type: "fifo" as const, size: 0 } })),
  fc
    .record({ ...attributes, linkTarget: path })
    .map((others) => ({ entry: { ...others, type: "symlink" as const, size: 0 } })),
  fc
    .record({ ...attributes, linkTarget: path })
    .map((others) => ({ entry: { ...others, type: "hardlink" as const, size: 0 } })),
);

async function read(archive: Uint8Array, chunkBytes = 1000): Promise<TarEntry[]> {
  return (await indexMembers(decompressDetected(chunked(archive, chunkBytes)), { hash: false })).map(
    (found) => found.entry,
  );
}

test("readTar() gives back whatever tarSlabs() wrote, however it comes in", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 5 }), fc.integer({ min: 1, max: 2000 }), async (entries, bytes) => {
      expect(await read(tarOf(entries), bytes)).toEqual(entries.map((member) => member.entry));
    }),
    SETTINGS,
  );
});

const change = fc.record({ at: fc.nat(1_000_000), byte: fc.nat(255), cutTo: fc.option(fc.nat(1_000_000)) });

test("readTar() ends with an error that is known, or not, whatever is wrong with an archive", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 4 }), fc.array(change), async (entries, changes) => {
      let archive = tarOf(entries);
      for (const { at, byte, cutTo } of changes) {
        if (archive.byteLength > 0) archive[at % archive.byteLength] = byte;
        if (cutTo !== null) archive = archive.subarray(0, cutTo % (archive.byteLength + 1));
      }
      await read(archive).catch((error: unknown) => expect(error).toBeInstanceOf(KnownError));
    }),
    SETTINGS,
  );
});

test("decompressDetected() and readTar() take any bytes at all", async () => {
  const magic = fc.constantFrom([], [0x1f, 0x8b, 8, 0], [0x28, 0xb5, 0x2f, 0xfd]);
  await fc.assert(
    fc.asyncProperty(magic, fc.uint8Array({ maxLength: 2000 }), async (head, bytes) => {
      const content = Buffer.concat([Buffer.from(head), bytes]);
      await read(content).catch((error: unknown) => expect(error).toBeInstanceOf(KnownError));
    }),
    SETTINGS,
  );
});
