import { expect, test } from "vitest";

import { diffTrees } from "../../src/actions/diff-images.ts";
import { findConflicts } from "../../src/actions/merge-images.ts";
import type { TreeEntry } from "../../src/store/image-tree.ts";

function file(path: string, sha256: string, mode = 0o644): TreeEntry {
  const content = { path: "/store/blob", offset: 512, length: 1 };
  return { type: "file", path, mode, uid: 0, gid: 0, size: 1, sha256, content };
}

function link(path: string, target: string): TreeEntry {
  return { type: "symlink", path, mode: 0o777, uid: 0, gid: 0, target };
}

function folder(path: string): TreeEntry {
  return { type: "directory", path, mode: 0o755, uid: 0, gid: 0 };
}

function tree(...entries: readonly TreeEntry[]): ReadonlyMap<string, TreeEntry> {
  return new Map(entries.map((entry) => [entry.path, entry]));
}

test.each<[string, TreeEntry, TreeEntry, readonly string[]]>([
  ["the same", file("a", "1"), file("a", "1"), []],
  ["other content", file("a", "1"), file("a", "2"), ["a"]],
  ["another mode", file("a", "1"), file("a", "1", 0o755), ["a"]],
  ["another kind", file("a", "1"), folder("a"), ["a"]],
  ["another target", link("a", "x"), link("a", "y"), ["a"]],
  ["the same target", link("a", "x"), link("a", "x"), []],
])("diffTrees() compares entries: %s", (_, before, after, changed) => {
  expect(diffTrees(tree(before), tree(after))).toEqual({ changed, added: [], deleted: [] });
});

test("diffTrees() lists what is new and what is gone", () => {
  expect(diffTrees(tree(folder("a"), file("a/old", "1")), tree(folder("a"), file("a/new", "1")))).toEqual({
    changed: [],
    added: ["a/new"],
    deleted: ["a/old"],
  });
});

test("findConflicts() reports each path once, with the image that wins", () => {
  const parts = [
    { name: "one", files: { tree: tree(folder("etc"), file("etc/a", "1"), file("etc/b", "1")) } },
    { name: "two", files: { tree: tree(folder("etc"), file("etc/a", "2"), file("etc/b", "1")) } },
    { name: "three", files: { tree: tree(file("etc/a", "3")) } },
  ];
  expect(findConflicts(parts)).toEqual([{ path: "etc/a", lost: "two", kept: "three" }]);
});
