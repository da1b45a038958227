import { expect, test } from "vitest";

import { overlayTree } from "../../src/build/context/overlay-tree.ts";
import { walkTree } from "../../src/build/context/walk-tree.ts";
import type { FileTree } from "../../src/build/context/file-tree.ts";
import { linkTo, treeOf } from "../support/memory-tree.ts";

function pathsOf(tree: FileTree): string[] {
  return [...walkTree(tree, "")].map(([path]) => path);
}

test("put() of a link over a folder removes what was in it", () => {
  const tree = treeOf({ "a/b/c": "", "a/d": "" });
  tree.put("a/b", { type: "symlink", mode: 0o777, uid: 0, gid: 0, mtime: 0, size: 0, linkTarget: "d" });
  expect(pathsOf(tree)).toEqual(["a", "a/b", "a/d"]);
});

test("clone() is independent of its origin", () => {
  const tree = treeOf({ "a/b": "" });
  tree.clone().remove("a");
  expect(pathsOf(tree)).toEqual(["a", "a/b"]);
});

test("list() gives names in the order of their bytes", () => {
  const tree = treeOf({ "\u{10000}": "", "\uffee": "", b: "", B: "", "a-b": "", "a/b": "" });
  expect(tree.list("")).toEqual(["B", "a", "a-b", "b", "\uffee", "\u{10000}"]);
});

test("overlayTree() shows both folders and the upper file", () => {
  const lower = treeOf({ "registry/old": "1", "registry/both": "lower", a: "", link: linkTo("a") });
  const upper = treeOf({ "registry/new": "2", "registry/both": "upper!" });
  const tree = overlayTree(lower, upper);
  expect(pathsOf(tree)).toEqual(["a", "link", "registry", "registry/both", "registry/new", "registry/old"]);
  expect(tree.find("registry/both")?.size).toBe(6);
});
