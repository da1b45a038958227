import { mkdir } from "node:fs/promises";
import { posix } from "node:path";

import type { Context } from "../../base/context.ts";
import type { LayerEntry } from "../../archive/tar-entry.ts";
import type { FileTree, TreeEntry } from "../context/file-tree.ts";
import { resolvePath } from "../context/resolve-path.ts";
import { walkTree } from "../context/walk-tree.ts";
import { toLayerEntries } from "../layer/layer-entries.ts";
import { ValueError } from "../value-error.ts";
import { unpackAs } from "./unpacked-layers.ts";
import type { UserNamespace } from "./user-namespace.ts";

/** What a mount shows of a tree: a folder with these entries, or one file in it. */
export interface BindSource {
  readonly entries: readonly LayerEntry[];
  /** Of the file; undefined: the folder itself is meant. */
  readonly fileName: string | undefined;
}

/** @throws {ValueError} when there is no such path, {UnsafePathError} when it leads out of its tree */
export function findBindSource(tree: FileTree, source: string): BindSource {
  const { path, entry } = resolvePath(tree, source);
  if (source !== "" && !entry) throw new ValueError(`there is no "/${source}" to mount`);
  if (entry && entry.type !== "directory") {
    const fileName = posix.basename(path);
    return { entries: toLayerEntries([[fileName, owned(tree, entry)]]), fileName };
  }
  const prefixLength = path === "" ? 0 : path.length + 1;
  const files = [...walkTree(tree, path)].filter(([, { type }]) => type !== "socket");
  return {
    entries: toLayerEntries(files.map(([name, file]) => [name.slice(prefixLength), owned(tree, file)])),
    fileName: undefined,
  };
}

/** Files of this machine belong to root, as with COPY; those of an image keep their owner. */
function owned({ hostRoot }: FileTree, entry: TreeEntry): TreeEntry {
  const { hostPath: _, ...rest } = entry;
  return hostRoot === undefined && entry.hostPath === undefined ? rest : { ...rest, uid: 0, gid: 0 };
}

/** Makes a copy that a command may do anything with. @returns the path to mount */
export async function writeBindSource(
  ctx: Context,
  { entries, fileName }: BindSource,
  { folder, namespace }: { folder: string; namespace: UserNamespace },
): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await unpackAs(ctx, namespace, { entries, folder });
  return fileName === undefined ? folder : posix.join(folder, fileName);
}
