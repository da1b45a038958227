import { expect, test } from "vitest";

import { findWhiteout } from "../../src/archive/whiteout.ts";

test.for([
  [".wh.a", { kind: "path", path: "a" }],
  ["etc/.wh.passwd", { kind: "path", path: "etc/passwd" }],
  ["etc/.wh..wh..opq", { kind: "opaque", path: "etc" }],
  [".wh..wh..opq", { kind: "opaque", path: "" }],
  ["a/.wh..hidden", { kind: "path", path: "a/.hidden" }],
  ["etc/passwd", undefined],
  [".wh.d/file", undefined],
  ["etc/wh.a", undefined],
] as const)("findWhiteout() reads %j", ([path, whiteout]) => {
  expect(findWhiteout(path)).toEqual(whiteout);
});
