import { posix } from "node:path";

import { childOf, type FileTree, type TreeEntry } from "./file-tree.ts";
import { resolvePath } from "./resolve-path.ts";
import { walkTree } from "./walk-tree.ts";
import { compileWildcards, hasWildcards } from "./wildcards.ts";

/** A file or folder that COPY names. */
export interface FoundSource {
  /** As the instruction names it: the name that it gets when it is put into a folder. */
  readonly name: string;
  /** All of the path that the instruction names, links not followed. */
  readonly named: string;
  /** Where it is, links followed. */
  readonly path: string;
  readonly entry: TreeEntry;
}

/**
 * What a source of COPY stands for: one path, or with wildcards all that match, in byte order. With `spansFolders` a
 * part that is `**` stands for any number of folders.
 * @returns nothing when there is nothing
 * @throws {UnsafePathError} when the path leads out of the tree
 */
export function findSources(
  tree: FileTree,
  pattern: string,
  { spansFolders = false }: { spansFolders?: boolean } = {},
): readonly FoundSource[] {
  const next = (folder: string, part: string): readonly string[] =>
    spansFolders && part === "**" ? [folder, ...foldersBelow(tree, folder)] : step(tree, folder, part);
  return partsOf(pattern)
    .reduce<readonly string[]>((folders, part) => folders.flatMap((folder) => next(folder, part)), [""])
    .flatMap((path) => toSource(tree, path) ?? []);
}

/** The parts of a source's path that mean something. */
export function partsOf(path: string): readonly string[] {
  return posix
    .normalize(path)
    .split("/")
    .filter((part) => part !== "" && part !== ".");
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

function foldersBelow(tree: FileTree, folder: string): readonly string[] {
  const { path: start } = resolvePath(tree, folder);
  return [...walkTree(tree, start)]
    .filter(([, { type }]) => type === "directory")
    .map(([path]) => childOf(folder, path.slice(start === "" ? 0 : start.length + 1)));
}

function toSource(tree: FileTree, named: string): FoundSource | undefined {
  const { path, entry } = resolvePath(tree, named);
  return entry && { name: posix.basename(named), named, path, entry };
}
