import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { extract } from "tar-stream";
import { expect, test } from "vitest";

import type { FileContent, LayerEntry } from "../../src/archive/tar-entry.ts";
import { tarSlabs } from "../../src/archive/tar-writer.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { member, tarOf, textMember } from "./entries.ts";

const temporary = useTemporaryFolder();

test("tarSlabs() writes members that an independent reader finds", async () => {
  const archive = tarOf([
    { entry: member("dir", { type: "directory", mode: 0o755 }) },
    textMember("dir/a", "hello", { mode: 0o4711, uid: 1000, mtime: 12 }),
    { entry: member("dir/link", { type: "symlink", linkTarget: "/etc/ü" }) },
    { entry: member("dir/hard", { type: "hardlink", linkTarget: "dir/a" }) },
    { entry: member("dev", { type: "character-device", device: { major: 1, minor: 3 } }) },
    { entry: member("pipe", { type: "fifo" }) },
    textMember(`${"long/".repeat(70)}name`, "x"),
  ]);
  const found: object[] = [];
  for await (const entry of Readable.from([archive]).pipe(extract())) {
    const { name, type, mode, uid, mtime, linkname, devmajor, devminor } = entry.header;
    const content = (await buffer(entry)).toString();
    found.push({ name, type, mode, uid, mtime: mtime?.getTime(), linkname, devmajor, devminor, content });
  }
  const common = { mode: 0o644, uid: 0, mtime: 0, linkname: null, devmajor: 0, devminor: 0, content: "" };
  expect(found).toEqual([
    { ...common, name: "dir/", type: "directory", mode: 0o755 },
    { ...common, name: "dir/a", type: "file", mode: 0o4711, uid: 1000, mtime: 12_000, content: "hello" },
    { ...common, name: "dir/link", type: "symlink", linkname: "/etc/ü" },
    { ...common, name: "dir/hard", type: "link", linkname: "dir/a" },
    { ...common, name: "dev", type: "character-device", devmajor: 1, devminor: 3 },
    { ...common, name: "pipe", type: "fifo" },
    { ...common, name: `${"long/".repeat(70)}name`, type: "file", content: "x" },
  ]);
});

test("tarSlabs() gives the same bytes whatever the size of the slabs", () => {
  writeFileSync(temporary("file"), "0123456789".repeat(500));
  const entries = [textMember("a", "x".repeat(700)), fileEntry("b", { offset: 0, length: 5000 })];
  const digests = [1, 511, 512, 4096, 1_000_000].map((slabBytes) =>
    createHash("sha256").update(tarOf(entries, slabBytes)).digest("hex"),
  );
  expect(new Set(digests).size).toBe(1);
});

test("tarSlabs() writes a part of a file", () => {
  writeFileSync(temporary("file"), "0123456789");
  const archive = tarOf([fileEntry("b", { offset: 3, length: 4 })]);
  expect(archive.toString("latin1", 512, 517)).toBe("3456\0");
});

test("tarSlabs() reads files whose names are not UTF-8", () => {
  const path = Buffer.concat([Buffer.from(temporary("name")), Buffer.from([0xff])]);
  writeFileSync(path, "bytes");
  const content = { path: `${temporary("name")}\udcff`, offset: 0, length: 5 };
  expect(tarOf([{ entry: member("a", { size: 5 }), content }]).toString("latin1", 512, 517)).toBe("bytes");
});

test.for<[string, (path: string) => void, string]>([
  ["shrinks", (path) => truncateSync(path, 2000), "it became shorter while it was read"],
  ["grows", (path) => appendFileSync(path, "more"), "it had 5000 bytes and has 5004 after reading"],
  ["is written to", (path) => utimesSync(path, 1, 1), "it was written to while it was read"],
])("tarSlabs() fails when a file %s while it is read", ([, change, reason]) => {
  writeFileSync(temporary("file"), "x".repeat(5000));
  const slabs = tarSlabs([fileEntry("b", { offset: 0, length: 5000 })], () => Buffer.alloc(1024));
  slabs.next();
  change(temporary("file"));
  expect(() => [...slabs]).toThrow(`Cannot read "${temporary("file")}": ${reason}`);
});

test("tarSlabs() fails when a file is shorter than announced or no file at all", () => {
  writeFileSync(temporary("file"), "short");
  expect(() => tarOf([fileEntry("b", { offset: 0, length: 6 })])).toThrow("expected at least 6 bytes, found 5");
  mkdirSync(temporary("folder"));
  const content = { path: temporary("folder"), offset: 0, length: 1 };
  expect(() => tarOf([{ entry: member("b", { size: 1 }), content }])).toThrow("it is not a regular file");
});

test("tarSlabs() fails when content does not have the expected digest", () => {
  writeFileSync(temporary("file"), "hello");
  const good = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  expect(tarOf([fileEntry("b", { offset: 0, length: 5, sha256: good })]).byteLength).toBe(2048);
  const bad = "0".repeat(64);
  const entry = fileEntry("b", { offset: 0, length: 5, sha256: bad });
  expect(() => tarOf([entry])).toThrow(`expected SHA-256 ${bad}, found ${good}`);
});

test("tarSlabs() takes a size that is not the content's for a mistake of its caller", () => {
  expect(() => tarOf([{ entry: member("a", { size: 2 }), content: Buffer.from("x") }])).toThrow(
    "announced with 2 bytes",
  );
});

function fileEntry(path: string, content: Omit<FileContent, "path">): LayerEntry {
  return { entry: member(path, { size: content.length }), content: { path: temporary("file"), ...content } };
}
