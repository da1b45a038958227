import { expect, test } from "vitest";

import type { LayerEntry, TarEntry } from "../../src/archive/tar-entry.ts";
import { checksumOf } from "../../src/archive/tar-header.ts";
import { readTar, type TarMember } from "../../src/archive/tar-reader.ts";
import { collect } from "../../src/base/bytes.ts";
import { chunked, member, tarOf, textMember } from "./entries.ts";

const ENTRIES: readonly LayerEntry[] = [
  { entry: member("dir", { type: "directory", mode: 0o1777 }) },
  textMember("dir/a", "hello", { mode: 0o4711, uid: 3_000_000, gid: 7, mtime: -1.5 }),
  { entry: member("dir/link", { type: "symlink", linkTarget: "../../x" }) },
  { entry: member("dir/hard", { type: "hardlink", linkTarget: "dir/a" }) },
  { entry: member("dev", { type: "block-device", device: { major: 8, minor: 1 } }) },
  { entry: member("pipe", { type: "fifo" }) },
  textMember("empty", ""),
  textMember("caps", "x", { xattrs: { "security.capability": Buffer.from([1, 0, 0, 2]) } }),
  textMember("é".repeat(300), "long"),
  textMember("\udcff\udcfe", "bytes"),
];

test.for([1, 7, 512, 100_000])("readTar() reads what tarSlabs() wrote, in chunks of %d bytes", async (chunkBytes) => {
  const found: [TarEntry, string][] = [];
  for await (const { entry, content } of readTar(chunked(tarOf(ENTRIES), chunkBytes))) {
    found.push([entry, (await collect(content, 100)).toString()]);
  }
  expect(found).toEqual(ENTRIES.map(({ entry, content }) => [entry, Buffer.from(toBytes(content)).toString()]));
});

test("readTar() says where the content is and passes over what nobody reads", async () => {
  const archive = tarOf([textMember("a", "x".repeat(600)), textMember("b", "yes")]);
  const found = await membersOf(archive);
  expect(found.map(({ entry, offset }) => [entry.path, offset])).toEqual([
    ["a", 512],
    ["b", 2048],
  ]);
});

test("readTar() reads its source to the end", async () => {
  let hasEnded = false;
  async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
    yield tarOf([textMember("a", "x")]);
    yield Buffer.alloc(9000);
    hasEnded = true;
  }
  for await (const _ of readTar(source()));
  expect(hasEnded).toBe(true);
});

test("readTar() gives its source back when the reader stops early", async () => {
  let isClosed = false;
  async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield tarOf(ENTRIES);
    } finally {
      isClosed = true;
    }
  }
  for await (const _ of readTar(source())) break;
  expect(isClosed).toBe(true);
});

test("readTar() reads an archive without its closing blocks", async () => {
  const archive = tarOf([textMember("a", "x")]).subarray(0, 1024);
  expect(await pathsIn(archive)).toEqual(["a"]);
});

test("readTar() reads names and links of the GNU format", async () => {
  const archive = Buffer.concat([
    extension("L", `${"n".repeat(200)}\0`),
    extension("K", `${"t".repeat(150)}\0`),
    rawHeader({ name: "n".repeat(100), typeFlag: "2", magic: "ustar  \0" }),
    Buffer.alloc(1024),
  ]);
  const [found] = await membersOf(archive);
  expect(found?.entry).toMatchObject({ path: "n".repeat(200), type: "symlink", linkTarget: "t".repeat(150) });
});

test("readTar() reads numbers in GNU's binary form", async () => {
  const archive = rawHeader({ uid: Buffer.from([0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]) });
  const [found] = await membersOf(archive);
  expect(found?.entry.uid).toBe(4_294_967_295);
});

test("readTar() applies a global pax header to all members and a local one to the next", async () => {
  const archive = Buffer.concat([
    extension("g", "12 mtime=55\n"),
    extension("x", "12 mtime=77\n"),
    rawHeader({ name: "a" }),
    rawHeader({ name: "b" }),
  ]);
  const found = await membersOf(archive);
  expect(found.map(({ entry }) => entry.mtime)).toEqual([77, 55]);
});

test("readTar() takes a name with a slash at its end for a folder, as old archives write it", async () => {
  const [found] = await membersOf(rawHeader({ name: "d/", typeFlag: "\0" }));
  expect(found?.entry).toMatchObject({ path: "d", type: "directory" });
});

test.for<[string, Buffer, string]>([
  ["an absolute name", rawHeader({ name: "/etc/passwd" }), "UNSAFE_ARCHIVE"],
  ["a name that leads out", rawHeader({ name: "a/../../b" }), "UNSAFE_ARCHIVE"],
  ["a hard link that leads out", rawHeader({ typeFlag: "1", linkName: "../x" }), "UNSAFE_ARCHIVE"],
  ["a file in the place of the root", rawHeader({ name: "./" }).fill("7", 156, 157), "INVALID_INPUT"],
  ["a pax name that leads out", Buffer.concat([extension("x", "13 path=../x\n"), rawHeader({})]), "UNSAFE_ARCHIVE"],
  ["a pax name with a NUL", Buffer.concat([extension("x", "12 path=a\0b\n"), rawHeader({})]), "UNSAFE_ARCHIVE"],
  ["a wrong checksum", rawHeader({}).fill("9", 0, 1), "INVALID_INPUT"],
  ["something else", Buffer.from("this is no archive".repeat(60)), "INVALID_INPUT"],
  ["nothing", Buffer.alloc(0), "INVALID_INPUT"],
  ["half a header", rawHeader({}).subarray(0, 300), "INVALID_INPUT"],
  ["a file that ends early", tarOf([textMember("a", "x".repeat(900))]).subarray(0, 1000), "INVALID_INPUT"],
  ["missing padding", tarOf([textMember("a", "x".repeat(900))]).subarray(0, 512 + 900), "INVALID_INPUT"],
  ["a sparse file of GNU", rawHeader({ typeFlag: "S" }), "INVALID_INPUT"],
  ["a sparse file of pax", Buffer.concat([extension("x", "22 GNU.sparse.major=1\n"), rawHeader({})]), "INVALID_INPUT"],
  ["an unknown type", rawHeader({ typeFlag: "V" }), "INVALID_INPUT"],
  ["a malformed pax record", Buffer.concat([extension("x", "99 path=x\n"), rawHeader({})]), "INVALID_INPUT"],
  ["a pax record without length", Buffer.concat([extension("x", "path=x\n"), rawHeader({})]), "INVALID_INPUT"],
  ["a pax size that is no number", Buffer.concat([extension("x", "10 size=x\n"), rawHeader({})]), "INVALID_INPUT"],
  ["a negative size", Buffer.concat([extension("x", "11 size=-1\n"), rawHeader({})]), "INVALID_INPUT"],
  ["an endless extended header", rawHeader({ typeFlag: "x", size: "77777777777\0" }), "INVALID_INPUT"],
])("readTar() refuses %s", async ([, archive, code]) => {
  await expect(pathsIn(archive)).rejects.toMatchObject({ code });
});

async function pathsIn(archive: Buffer): Promise<string[]> {
  return (await membersOf(archive)).map(({ entry }) => entry.path);
}

async function membersOf(archive: Buffer): Promise<TarMember[]> {
  const members: TarMember[] = [];
  for await (const found of readTar(chunked(archive))) members.push(found);
  return members;
}

interface RawFields {
  readonly name?: string;
  readonly typeFlag?: string;
  readonly size?: string;
  readonly uid?: Buffer;
  readonly linkName?: string;
  readonly magic?: string;
}

function rawHeader({
  name = "a",
  typeFlag = "0",
  size = "0",
  uid,
  linkName = "",
  magic = "ustar\u000000",
}: RawFields): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0, "latin1");
  block.write("0000644\u00000000000\u00000000000\0", 100, "latin1");
  uid?.copy(block, 108);
  block.write(size, 124, "latin1");
  block.write("0", 136, "latin1");
  block.write(typeFlag, 156, "latin1");
  block.write(linkName, 157, "latin1");
  block.write(magic, 257, "latin1");
  block.write(`${checksumOf(block).toString(8)}\0`, 148, "latin1");
  return block;
}

function extension(typeFlag: string, text: string): Buffer {
  const content = Buffer.alloc(512);
  content.write(text, "latin1");
  return Buffer.concat([rawHeader({ typeFlag, size: text.length.toString(8) }), content]);
}

function toBytes(content: LayerEntry["content"]): Uint8Array {
  return content instanceof Uint8Array ? content : Buffer.alloc(0);
}
