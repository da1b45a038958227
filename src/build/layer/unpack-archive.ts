import { open } from "node:fs/promises";

import { detectCompression, MAGIC_BYTES } from "../../archive/compression.ts";
import { decompressDetected } from "../../archive/decompress.ts";
import { fileChunks } from "../../archive/file-chunks.ts";
import type { FileContent } from "../../archive/tar-entry.ts";
import { BLOCK_BYTES } from "../../archive/tar-header.ts";
import { parseHeader } from "../../archive/tar-header-parser.ts";
import { indexMembers, indexTar, type IndexedEntry } from "../../archive/tar-index.ts";
import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { writing } from "../../base/disk-error.ts";
import { KnownError, systemCode } from "../../base/error.ts";
import { childOf, parentOf, type TreeEntry } from "../context/file-tree.ts";
import { UnsafePathError } from "../context/resolve-path.ts";
import type { LayerDraft } from "./layer-draft.ts";

/** An archive's members, and where their bytes are. */
export interface OpenArchive {
  readonly content: FileContent;
  readonly members: readonly IndexedEntry[];
}

/** True for a tar file, packed or not: it begins with a tar header. */
export async function isArchive(ctx: Context, content: FileContent): Promise<boolean> {
  try {
    const head = await readHead(decompressDetected(fileChunks(ctx, content)), BLOCK_BYTES);
    return head.byteLength === BLOCK_BYTES && parseHeader(head, 0) !== undefined;
  } catch (error) {
    const isOtherContent = error instanceof KnownError && systemCode(error.cause) !== "ENOENT";
    if (isOtherContent) return false;
    throw error;
  }
}

/** A packed archive is unpacked to `temporaryFile()` first. */
export async function openArchive(
  ctx: Context,
  content: FileContent,
  temporaryFile: () => string,
): Promise<OpenArchive> {
  const head = await readHead(fileChunks(ctx, content), MAGIC_BYTES);
  if (detectCompression(head) === "none") {
    return { content, members: await indexMembers(fileChunks(ctx, content), { hash: false }) };
  }
  const path = temporaryFile();
  const length = await writing(path, () => writeFile(path, decompressDetected(fileChunks(ctx, content))));
  return { content: { path, offset: 0, length }, members: await indexTar(ctx, path, { hash: false }) };
}

/**
 * Puts the members into a folder; owners and permission bits stay. Links on the way are followed inside the image.
 * @throws {UnsafePathError} for a hard link to something that is not in the archive
 */
export function putMembers(draft: LayerDraft, { content, members }: OpenArchive, folder: string): void {
  const files = new Map<string, TreeEntry>();
  const linked = new Set(members.map(({ entry }) => (entry.type === "hardlink" ? entry.linkTarget : undefined)));
  draft.makeFolders(folder, { uid: 0, gid: 0 });
  for (const member of members) {
    const { path, type } = member.entry;
    if (path === "") continue;
    const entry = type === "hardlink" ? files.get(member.entry.linkTarget ?? "") : toTreeEntry(member, content);
    if (!entry) throw new UnsafePathError(`the archive has a hard link "${path}" to what is not in it`);
    const linkId = entry.linkId ?? (linked.has(path) ? `${content.path} ${member.offset}` : undefined);
    const named = linkId === undefined ? entry : { ...entry, linkId };
    if (entry.type !== "directory") files.set(path, named);
    const parent = draft.resolve(parentOf(childOf(folder, path)) ?? "");
    draft.makeFolders(parent, { uid: 0, gid: 0 });
    draft.put(childOf(parent, path.slice(path.lastIndexOf("/") + 1)), named);
  }
}

function toTreeEntry({ entry, offset }: IndexedEntry, archive: FileContent): TreeEntry | undefined {
  const { path: _, type, ...attributes } = entry;
  if (type === "hardlink") return undefined;
  if (type !== "file") return { ...attributes, type };
  return { ...attributes, type, content: { ...archive, offset: archive.offset + offset, length: entry.size } };
}

async function readHead(content: Bytes, length: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= length) break;
  }
  return Buffer.concat(chunks).subarray(0, length);
}

/** @returns the number of bytes */
async function writeFile(path: string, content: Bytes): Promise<number> {
  const file = await open(path, "wx", 0o600);
  let size = 0;
  try {
    for await (const chunk of content) {
      for (let done = 0; done < chunk.byteLength;) done += (await file.write(chunk, done)).bytesWritten;
      size += chunk.byteLength;
    }
    return size;
  } finally {
    await file.close();
  }
}
