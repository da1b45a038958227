import type { TreeEntry } from "../../src/build/context/file-tree.ts";
import { MemoryTree } from "../../src/build/context/memory-tree.ts";

/** A file by its text, anything else by its attributes. */
export type TreeSpec = Readonly<Record<string, string | Partial<TreeEntry>>>;

const FILE: TreeEntry = { type: "file", mode: 0o644, uid: 1000, gid: 1000, mtime: 1_600_000_000, size: 0 };

export function treeOf(spec: TreeSpec): MemoryTree {
  const tree = new MemoryTree();
  for (const [path, entry] of Object.entries(spec)) {
    if (typeof entry !== "string") tree.putWithParents(path, { ...FILE, ...entry });
    else tree.putWithParents(path, { ...FILE, size: Buffer.byteLength(entry), content: Buffer.from(entry) });
  }
  return tree;
}

export function linkTo(linkTarget: string): Partial<TreeEntry> {
  return { type: "symlink", mode: 0o777, linkTarget };
}
