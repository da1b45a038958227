import { childOf, type FileTree, type TreeEntry } from "./file-tree.ts";

/** Everything below a folder, a folder before its content, names in byte order. */
export function* walkTree(tree: FileTree, folder: string): Generator<readonly [path: string, entry: TreeEntry]> {
  for (const name of tree.list(folder)) {
    const path = childOf(folder, name);
    const entry = tree.find(path);
    if (!entry) continue; // it went away since the folder was listed
    yield [path, entry];
    if (entry.type === "directory") yield* walkTree(tree, path);
  }
}
