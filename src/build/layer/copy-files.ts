import { posix } from "node:path";

import { childOf, type FileTree, type TreeEntry } from "../context/file-tree.ts";
import type { FoundSource } from "../context/find-sources.ts";
import { resolvePath } from "../context/resolve-path.ts";
import { walkTree } from "../context/walk-tree.ts";
import type { MemoryTree } from "../context/memory-tree.ts";
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
  /** Called for what cannot be in an image. */
  readonly skipped: (path: string, reason: string) => void;
}

/**
 * Finds out what a destination means in a stage: a slash at its end, several sources or an existing folder make it a
 * folder. A link to a folder or to nothing stands for the folder there; a link to a file is replaced, as a file is.
 */
export function resolveDestination(
  tree: MemoryTree,
  { destination, workingDirectory, sources }: { destination: string; workingDirectory: string; sources: number },
): Destination {
  const namesFolder = sources > 1 || /(^|\/)\.{0,2}$/.test(destination);
  const named = posix.resolve("/", workingDirectory, destination);
  const { path, entry } = resolvePath(tree, named);
  if (namesFolder || entry?.type === "directory") return { path, isFolder: true };
  const place = childOf(resolvePath(tree, posix.dirname(named)).path, posix.basename(named));
  const isDangling = entry === undefined && tree.find(place)?.type === "symlink";
  return isDangling ? { path, isFolder: true } : { path: place, isFolder: false };
}

/** Copies one source: a folder's content, or a file. @throws {DestinationError} */
export function copySource(
  draft: LayerDraft,
  { tree, source, destination }: { tree: FileTree; source: FoundSource; destination: Destination },
  rules: CopyRules,
): void {
  if (source.entry.type === "directory") copyFolder(draft, { tree, source, destination }, rules);
  else copyFile(draft, { source, destination }, rules);
}

interface FolderCopy {
  readonly tree: FileTree;
  readonly source: FoundSource;
  readonly destination: Destination;
}

function copyFolder(draft: LayerDraft, { tree, source, destination }: FolderCopy, rules: CopyRules): void {
  draft.makeFolders(destination.path, rules.owner);
  const prefixLength = source.path === "" ? 0 : source.path.length + 1;
  for (const [path, entry] of walkTree(tree, source.path)) {
    if (entry.type === "socket") rules.skipped(path, "it is a socket");
    else draft.put(childOf(destination.path, path.slice(prefixLength)), rules.transform(entry));
  }
}

function copyFile(
  draft: LayerDraft,
  { source, destination }: { source: FoundSource; destination: Destination },
  rules: CopyRules,
): void {
  if (source.entry.type === "socket") return rules.skipped(source.path, "it is a socket");
  const folder = destination.isFolder ? destination.path : posix.dirname(`/${destination.path}`).slice(1);
  draft.makeFolders(folder, rules.owner);
  const path = destination.isFolder ? childOf(destination.path, source.name) : destination.path;
  if (path === "") throw new DestinationError("a file cannot take the place of the root folder");
  draft.put(path, rules.transform(source.entry));
}
