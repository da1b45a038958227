import type { Context } from "../../base/context.ts";
import { unpackTree } from "../../store/unpack-tree.ts";
import { LayerDraft } from "../layer/layer-draft.ts";
import { isArchive, openArchive, putMembers } from "../layer/unpack-archive.ts";
import { walkTree } from "./walk-tree.ts";
import { MemoryTree } from "./memory-tree.ts";
import type { TreeEntry } from "./file-tree.ts";

type UnpackedEntry = Parameters<typeof unpackTree>[1] extends ReadonlyMap<string, infer Entry> ? Entry : never;

export interface ArchiveFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * Unpacks a tar file, packed or not, to the new folder `directory`; nothing is written outside of it. Devices and pipes
 * are left out. @returns false when it is no tar file
 */
export async function unpackContext(
  ctx: Context,
  { path, sizeBytes }: ArchiveFile,
  { directory, temporaryFile }: { directory: string; temporaryFile: () => string },
): Promise<boolean> {
  const content = { path, offset: 0, length: sizeBytes };
  if (!(await isArchive(ctx, content))) return false;
  const tree = new MemoryTree();
  putMembers(new LayerDraft(tree, { mtime: 0 }), await openArchive(ctx, content, temporaryFile), "");
  const entries = [...walkTree(tree, "")].flatMap(([place, entry]) => toUnpacked(place, entry) ?? []);
  await unpackTree(ctx, new Map(entries.map((entry) => [entry.path, entry])), directory);
  return true;
}

function toUnpacked(path: string, { type, mode, uid, gid, ...entry }: TreeEntry): UnpackedEntry | undefined {
  const attributes = { path, mode, uid, gid };
  if (type === "directory") return { ...attributes, type };
  if (type === "symlink") return { ...attributes, type, target: entry.linkTarget ?? "" };
  if (type !== "file" || entry.content === undefined || entry.content instanceof Uint8Array) return undefined;
  return { ...attributes, type, size: entry.size, sha256: "", content: entry.content };
}
