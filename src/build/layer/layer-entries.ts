import type { LayerEntry } from "../../archive/tar-entry.ts";
import type { TreeEntry } from "../context/file-tree.ts";

/**
 * What a layer has of these files. The first name of a file has its content, the others are hard links to it, unless
 * they have come to differ in owner or permission bits.
 * @throws for a socket, which no layer can have
 */
export function toLayerEntries(files: Iterable<readonly [path: string, entry: TreeEntry]>): readonly LayerEntry[] {
  const firstNames = new Map<string, string>();
  return Array.from(files, ([path, entry]) => {
    const { linkId, mode, uid, gid } = entry;
    if (linkId === undefined) return toLayerEntry(path, entry);
    const key = JSON.stringify([linkId, mode, uid, gid]);
    const linkTarget = firstNames.get(key);
    if (linkTarget !== undefined) return toHardLink(path, entry, linkTarget);
    firstNames.set(key, path);
    return toLayerEntry(path, entry);
  });
}

function toLayerEntry(path: string, entry: TreeEntry): LayerEntry {
  const { content, type, hostPath: _, linkId: __, ...attributes } = entry;
  if (type === "socket") throw new Error(`A socket cannot be in a layer: ${path}`);
  return { entry: { path, type, ...attributes }, ...(content === undefined ? {} : { content }) };
}

function toHardLink(path: string, { mode, uid, gid, mtime }: TreeEntry, linkTarget: string): LayerEntry {
  return { entry: { path, type: "hardlink", mode, uid, gid, mtime, size: 0, linkTarget } };
}
