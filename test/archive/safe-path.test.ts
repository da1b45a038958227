import { expect, test } from "vitest";

import { safePath } from "../../src/archive/safe-path.ts";

test.for([
  ["a/b", "a/b"],
  ["./a//b/", "a/b"],
  ["a/./b", "a/b"],
  ["./", ""],
  [".", ""],
  ["", ""],
  ["..a/b..", "..a/b.."],
  ["a b\n", "a b\n"],
])("safePath() makes %j the clean path %j", ([name = "", path]) => {
  expect(safePath(name)).toBe(path);
});

test.for([
  ["../a", 'it contains a ".." part'],
  ["a/../b", 'it contains a ".." part'],
  ["a/..", 'it contains a ".." part'],
  ["..", 'it contains a ".." part'],
  ["/etc/passwd", "it is absolute"],
  ["//a", "it is absolute"],
  ["a\0b", "it contains a NUL byte"],
])("safePath() refuses %j because %s", ([name = "", reason = ""]) => {
  expect(() => safePath(name)).toThrow(
    expect.objectContaining({ code: "UNSAFE_ARCHIVE", message: expect.stringContaining(reason) }),
  );
});

test("safePath() shows control characters of a refused name as text", () => {
  expect(() => safePath("/\u001b[31m")).toThrow(String.raw`"/\x1b[31m"`);
});
