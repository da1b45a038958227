import { expect, test } from "vitest";

import type { TarEntry } from "../../src/archive/tar-entry.ts";
import { checksumOf, paddingOf, renderHeader } from "../../src/archive/tar-header.ts";
import { member } from "./entries.ts";

test("renderHeader() writes one ustar block for a plain file", () => {
  const header = renderHeader(
    member("etc/hosts", { mode: 0o4755, uid: 1000, gid: 100, mtime: 1_700_000_000, size: 12 }),
  );
  const fields = [
    [0, 100, "etc/hosts"],
    [100, 8, "0004755"],
    [108, 8, "0001750"],
    [116, 8, "0000144"],
    [124, 12, "00000000014"],
    [136, 12, "14524770400"],
    [148, 8, "011135\0 "],
    [156, 1, "0"],
    [157, 100, ""],
    [257, 8, "ustar\u000000"],
    [265, 64, ""],
    [329, 8, "0000000"],
    [337, 8, "0000000"],
    [345, 155, ""],
  ] as const;
  expect(header.byteLength).toBe(512);
  for (const [position, length, text] of fields) {
    expect(header.toString("latin1", position, position + length)).toBe(text.padEnd(length, "\0"));
  }
  expect(Number.parseInt(header.toString("latin1", 148, 154), 8)).toBe(checksumOf(header));
});

test("renderHeader() ends a folder's name with a slash", () => {
  expect(renderHeader(member("etc", { type: "directory" })).toString("latin1", 0, 6)).toBe("etc/\0\0");
});

test("renderHeader() splits a long ASCII name between prefix and name", () => {
  const header = renderHeader(member(`${"a".repeat(120)}/${"b".repeat(90)}`));
  expect(header.byteLength).toBe(512);
  expect(header.toString("latin1", 345, 345 + 121)).toBe(`${"a".repeat(120)}\0`);
  expect(header.toString("latin1", 0, 91)).toBe(`${"b".repeat(90)}\0`);
});

test.for<[string, Partial<TarEntry>, string]>([
  ["a name without a slash at the right place", { path: "a".repeat(101) }, `111 path=${"a".repeat(101)}\n`],
  ["a name that is not ASCII", { path: "é" }, "11 path=Ã©\n"],
  ["a name that is not UTF-8", { path: "\udcff" }, "9 path=ÿ\n"],
  ["a long link target", { type: "symlink", linkTarget: "b".repeat(101) }, `115 linkpath=${"b".repeat(101)}\n`],
  ["a file of 8 GiB", { size: 8_589_934_592 }, "19 size=8589934592\n"],
  ["a large user id", { uid: 2_097_152 }, "15 uid=2097152\n"],
  ["a large group id", { gid: 4_294_967_294 }, "18 gid=4294967294\n"],
  ["a time before 1970", { mtime: -1 }, "12 mtime=-1\n"],
  ["a part of a second", { mtime: 1.5 }, "13 mtime=1.5\n"],
  [
    "extended attributes",
    { xattrs: { b: Buffer.from("2"), a: Buffer.from([0, 10]) } },
    "21 SCHILY.xattr.a=\0\n\n20 SCHILY.xattr.b=2\n",
  ],
])("renderHeader() says in a pax header what ustar cannot: %s", ([, changes, records]) => {
  const header = renderHeader(member("file", changes));
  const size = Number.parseInt(header.toString("latin1", 124, 135), 8);
  expect(header.toString("latin1", 156, 157)).toBe("x");
  expect(header.toString("latin1", 512, 512 + size)).toBe(records);
  expect(header.byteLength).toBe(1536);
});

test.for([
  [0, 0],
  [1, 511],
  [511, 1],
  [512, 0],
  [513, 511],
])("paddingOf() of %d bytes is %d", ([size = 0, padding]) => {
  expect(paddingOf(size)).toBe(padding);
});
