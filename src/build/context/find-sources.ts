import { posix } from "node:path";

import { childOf, type FileTree, type TreeEntry } from "./file-tree.ts";
import { resolvePath } from "./resolve-path.ts";
import { compileWildcards, hasWildcards } from "./wildcards.ts";

/** A file or folder that COPY names. */
export interface FoundSource {
  /** As the instruction names it: the name that it gets when it is put into a folder. */
  readonly name: string;
  /** Where it is, links followed. */
  readonly path: string;
  readonly entry: TreeEntry;
}

/**
 * What a source of COPY stands for: one path, or with wildcards all that match, in byte order.
 * @returns nothing when there is nothing
 * @throws {UnsafePathError} when the path leads out of the tree
 */
export function findSources(tree: FileTree, pattern: string): readonly FoundSource[] {
  const parts = posix
    .normalize(pattern)
    .split("/")
    .filter((part) => part !== "" && part !== ".");
  return parts
    .reduce<readonly string[]>((folders, part) => folders.flatMap((folder) => step(tree, folder, part)), [""])
    .flatMap((path) => toSource(tree, path) ?? []);
}

function step(tree: FileTree, folder: string, part: string): readonly string[] {
  if (!hasWildcards(part)) return [folder === "" ? part : `${folder}/${part}`];
  const expression = compileWildcards(part);
  const { path } = resolvePath(tree, folder);
  return tree
    .list(path)
    .filter((name) => expression.test(name))
    .map((name) => childOf(folder, name));
}

function toSource(tree: FileTree, named: string): FoundSource | undefined {
  const { path, entry } = resolvePath(tree, named);
  return entry && { name: posix.basename(named), path, entry };
}
