import { expect, test } from "vitest";

import { decodePath, encodePath, toSystemPath } from "../../src/archive/path-bytes.ts";

test.for<[string, number[], string]>([
  ["ASCII", [0x61, 0x2f, 0x62], "a/b"],
  ["UTF-8", [0xc3, 0xa9], "é"],
  ["four-byte UTF-8", [0xf0, 0x9f, 0x90, 0xb3], "🐳"],
  ["a Latin-1 letter", [0x61, 0xe9, 0x62], "a\udce9b"],
  ["a cut sequence", [0xe2, 0x82], "\udce2\udc82"],
  ["an encoded surrogate", [0xed, 0xa0, 0x80], "\udced\udca0\udc80"],
  ["bytes beside UTF-8", [0xff, 0xc3, 0xa9, 0x80], "\udcffé\udc80"],
  ["nothing", [], ""],
])("decodePath() and encodePath() keep the bytes of %s", ([, bytes, text]) => {
  expect(decodePath(Buffer.from(bytes))).toBe(text);
  expect([...encodePath(text)]).toEqual(bytes);
});

test("encodePath() gives every sequence of bytes back when decodePath() read it", () => {
  for (let seed = 0; seed < 2000; seed++) {
    const bytes = Buffer.from(
      Array.from({ length: seed % 9 }, (_, index) => (seed * 7919 + index * index * 104_729) % 256),
    );
    expect(encodePath(decodePath(bytes)).equals(bytes)).toBe(true);
  }
});

test("decodePath() gives text that survives JSON", () => {
  const path = decodePath(Buffer.from([0x61, 0xff]));
  expect(JSON.parse(JSON.stringify(path))).toBe(path);
});

test("toSystemPath() makes bytes only of what is not text", () => {
  expect(toSystemPath("a/é")).toBe("a/é");
  expect(toSystemPath("a\udcff")).toEqual(Buffer.from([0x61, 0xff]));
});
