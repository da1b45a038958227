import { posix } from "node:path";

import { childOf, parentOf, type FileTree, type TreeEntry } from "../context/file-tree.ts";
import type { FoundSource } from "../context/find-sources.ts";
import type { IgnoreRules } from "../context/ignore-rules.ts";
import { resolvePath } from "../context/resolve-path.ts";
import { walkTree } from "../context/walk-tree.ts";
import { excluding } from "./exclude.ts";
import { DestinationError, type LayerDraft, type Owner } from "./layer-draft.ts";

/** Where COPY puts its sources. */
export interface Destination {
  /** In the stage's tree, links followed. */
  readonly path: string;
  /** True when what is copied goes into it; otherwise a single file takes its name. */
  readonly isFolder: boolean;
}

/** How what is copied changes on its way. */
export interface CopyRules {
  /** Of folders that are made on the way to the destination. */
  readonly owner: Owner;
  readonly transform: (entry: TreeEntry) => TreeEntry;
  /** Of `--exclude`. */
  readonly excludes: IgnoreRules | undefined;
  /** Called for what cannot be in an image. */
  readonly skipped: (path: string, reason: string) => void;
}

/** One source and where it goes. */
export interface FileCopy {
  readonly tree: FileTree;
  readonly source: FoundSource;
  /** With `--parents` the part of the source's path that it keeps below the destination. */
  readonly kept: string | undefined;
  readonly destination: Destination;
}

/**
 * Finds out what a destination means in a stage: a slash at its end, several sources or an existing folder make it a
 * folder. A link to a folder or to nothing stands for the folder there; a link to a file is replaced, as a file is.
 */
export function resolveDestination(
  tree: FileTree,
  { destination, workingDirectory, isFolder }: { destination: string; workingDirectory: string; isFolder: boolean },
): Destination {
  const namesFolder = isFolder || /(^|\/)\.{0,2}$/.test(destination);
  const named = posix.resolve("/", workingDirectory, destination);
  const { path, entry } = resolvePath(tree, named);
  if (namesFolder || entry?.type === "directory") return { path, isFolder: true };
  const place = childOf(resolvePath(tree, posix.dirname(named)).path, posix.basename(named));
  const isDangling = entry === undefined && tree.find(place)?.type === "symlink";
  return isDangling ? { path, isFolder: true } : { path: place, isFolder: false };
}

/** Copies one source: a folder's content, or a file. @throws {DestinationError} */
export function copySource(draft: LayerDraft, copy: FileCopy, rules: CopyRules): void {
  const { source, kept, destination } = copy;
  const isFile = source.entry.type !== "directory";
  if (isFile && rules.excludes?.excludes(kept ?? source.name)) return;
  if (isFile && source.entry.type === "socket") return rules.skipped(source.path, "it is a socket");
  if (kept !== undefined) copyParents(draft, copy, rules);
  const place = kept === undefined ? destination : { path: childOf(destination.path, kept), isFolder: !isFile };
  if (isFile) copyFile(draft, { source, destination: place }, rules);
  else copyFolder(draft, { ...copy, destination: place }, rules);
}

/** The folders that a source is in come along as they are. */
function copyParents(draft: LayerDraft, { tree, source, kept = "", destination }: FileCopy, rules: CopyRules): void {
  draft.makeFolders(destination.path, rules.owner);
  const folders = source.entry.type === "directory" ? kept : (parentOf(kept) ?? "");
  const outside = source.named.length - kept.length;
  for (const path of pathsTo(folders)) {
    const { entry } = resolvePath(tree, source.named.slice(0, outside + path.length));
    if (entry) draft.putFolder(childOf(destination.path, path), rules.transform(entry));
  }
}

/** `a`, `a/b` and `a/b/c` for `a/b/c`. */
function pathsTo(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

function copyFolder(draft: LayerDraft, { tree, source, kept, destination }: FileCopy, rules: CopyRules): void {
  draft.makeFolders(destination.path, rules.owner);
  const prefixLength = source.path === "" ? 0 : source.path.length + 1;
  const nameOf = (path: string) => childOf(kept ?? "", path.slice(prefixLength));
  const visible = rules.excludes ? excluding(tree, rules.excludes, { folder: source.path, nameOf }) : tree;
  for (const [path, entry] of walkTree(visible, source.path)) {
    if (entry.type === "socket") rules.skipped(path, "it is a socket");
    else draft.put(childOf(destination.path, path.slice(prefixLength)), rules.transform(entry));
  }
}

function copyFile(
  draft: LayerDraft,
  { source, destination }: { source: FoundSource; destination: Destination },
  rules: CopyRules,
): void {
  const folder = destination.isFolder ? destination.path : posix.dirname(`/${destination.path}`).slice(1);
  draft.makeFolders(folder, rules.owner);
  const path = destination.isFolder ? childOf(destination.path, source.name) : destination.path;
  if (path === "") throw new DestinationError("a file cannot take the place of the root folder");
  draft.put(path, rules.transform(source.entry));
}
