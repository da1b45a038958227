import { sortNames, type FileTree } from "./file-tree.ts";

/** Two trees as one: where both have a file the upper one counts, folders show what both have in them. */
export function overlayTree(lower: FileTree, upper: FileTree): FileTree {
  return {
    ...lower,
    find(path) {
      const above = upper.find(path);
      const below = lower.find(path);
      return above?.type === "directory" && below?.type === "directory" ? below : (above ?? below);
    },
    list: (path) => sortNames([...new Set([...lower.list(path), ...upper.list(path)])]),
  };
}
