import { posix } from "node:path";

import { childOf, parentOf, type FileTree, type TreeEntry } from "./file-tree.ts";

/** A path with every link followed; `entry` is absent when there is nothing (yet). */
export interface ResolvedPath {
  readonly path: string;
  readonly entry: TreeEntry | undefined;
}

/** A path leads out of its tree or around in circles. */
export class UnsafePathError extends Error {}

const LINK_LIMIT = 40;

/**
 * Follows the links of all parts of a path inside `tree`. Parts that do not exist are taken as they are.
 * @param path absolute or relative, `..` allowed as far as the tree's root
 * @throws {UnsafePathError}
 */
export function resolvePath(tree: FileTree, path: string): ResolvedPath {
  const pending = path.split("/").toReversed();
  let current = "";
  let links = 0;
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      current = stepUp(tree, current);
      continue;
    }
    const next = childOf(current, part);
    const target = tree.find(next)?.linkTarget;
    if (target === undefined) {
      current = next;
      continue;
    }
    if (++links > LINK_LIMIT) throw new UnsafePathError(`"${next}" is a link that leads in a circle`);
    if (target.startsWith("/")) current = "";
    pending.push(...relativeTarget(tree, next, target).split("/").toReversed());
  }
  return { path: current, entry: tree.find(current) };
}

function stepUp(tree: FileTree, current: string): string {
  const parent = parentOf(current);
  if (parent !== undefined) return parent;
  if (tree.hostRoot === undefined) return "";
  throw new UnsafePathError("it leads out of the build context");
}

/** An absolute target counts from the root of an image; in a folder of this machine it must point into that folder. */
function relativeTarget({ hostRoot }: FileTree, link: string, target: string): string {
  if (!target.startsWith("/") || hostRoot === undefined) return target;
  const inside = posix.relative(hostRoot, target);
  if (inside !== ".." && !inside.startsWith("../")) return inside;
  throw new UnsafePathError(`the link "${link}" leads out of the build context, to "${target}"`);
}
