import { expect, test } from "vitest";

import { resolvePath } from "../../src/build/context/resolve-path.ts";
import type { FileTree } from "../../src/build/context/file-tree.ts";
import { linkTo, treeOf } from "../support/memory-tree.ts";

const TREE = treeOf({
  "etc/passwd": "root",
  "usr/lib/x": "",
  lib: linkTo("usr/lib"),
  abs: linkTo("/usr/lib"),
  up: linkTo("../../../etc"),
  "usr/back": linkTo("../etc"),
  dangling: linkTo("nowhere/at/all"),
  loop: linkTo("loop2"),
  loop2: linkTo("loop"),
  outside: linkTo("/host/secret"),
  inside: linkTo("/host/context/etc"),
});

/** The same tree as a folder of this machine. */
const FOLDER: FileTree = {
  hostRoot: "/host/context",
  find: (path) => TREE.find(path),
  list: (path) => TREE.list(path),
};

test.each([
  ["lib/x", "usr/lib/x"],
  ["/abs/x", "usr/lib/x"],
  ["up/passwd", "etc/passwd"],
  ["usr/back/passwd", "etc/passwd"],
  ["../../etc", "etc"],
  ["dangling", "nowhere/at/all"],
  ["a/./b//c", "a/b/c"],
  ["lib/..", "usr"],
  ["/", ""],
])("resolvePath() follows %s inside an image", (path, expected) => {
  expect(resolvePath(TREE, path).path).toBe(expected);
});

test("resolvePath() follows an absolute link that stays in the build context", () => {
  expect(resolvePath(FOLDER, "inside/passwd")).toMatchObject({ path: "etc/passwd", entry: { type: "file" } });
});

test.each([
  ["../x", "it leads out of the build context"],
  ["etc/../../x", "it leads out of the build context"],
  ["up", "it leads out of the build context"],
  ["outside", 'the link "outside" leads out of the build context, to "/host/secret"'],
  ["loop/x", "is a link that leads in a circle"],
])("resolvePath() refuses %s in a build context", (path, message) => {
  expect(() => resolvePath(FOLDER, path)).toThrow(message);
});
