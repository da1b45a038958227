import { hash } from "node:crypto";
import { closeSync, fstatSync, lstatSync, readSync, type Stats } from "node:fs";

import { ChangedFileError } from "../../archive/errors.ts";
import { fileChunks } from "../../archive/file-chunks.ts";
import { openContent } from "../../archive/open-content.ts";
import { toSystemPath } from "../../archive/path-bytes.ts";
import type { PinnedFolders } from "../../archive/pinned-folder.ts";
import { SlabHasher } from "../../archive/slab-hasher.ts";
import type { FileContent } from "../../archive/tar-entry.ts";
import type { Context } from "../../base/context.ts";
import { isLocalContent } from "../context/local-tree.ts";

/** A thread of its own hashes larger files while this one reads them. */
const SMALL_BYTES = 4 * 1024 * 1024;

/**
 * The SHA-256 of content in hex digits.
 * @param folders for many files of the same folders
 * @throws {ChangedFileError} when the file is not as it was found.
 */
export async function hashFile(ctx: Context, content: FileContent, folders: PinnedFolders): Promise<string> {
  if (content.length <= SMALL_BYTES) return hashSmall(content, folders);
  const sha256 = await hashLarge(ctx, content);
  checkUnchanged(content, lstatSync(toSystemPath(content.path), { throwIfNoEntry: false }));
  return sha256;
}

function hashSmall(content: FileContent, folders: PinnedFolders): string {
  const { path, offset, length } = content;
  const buffer = Buffer.allocUnsafe(length);
  const { descriptor } = openContent(content, folders);
  try {
    for (let done = 0; done < length;) {
      const count = readSync(descriptor, buffer, done, length - done, offset + done);
      if (count === 0) throw new ChangedFileError(path, "it became shorter while it was read");
      done += count;
    }
    checkUnchanged(content, fstatSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
  return hash("sha256", buffer);
}

function checkUnchanged(content: FileContent, stats: Stats | undefined): void {
  if (!isLocalContent(content)) return;
  const { changedMs, inode, fileSize } = content;
  if (stats?.ctimeMs === changedMs && stats.ino === inode && stats.size === fileSize) return;
  throw new ChangedFileError(content.path, "it changed during the build");
}

async function hashLarge(ctx: Context, content: FileContent): Promise<string> {
  const hasher = new SlabHasher();
  try {
    for await (const chunk of fileChunks(ctx, content, () => hasher.nextSlab())) {
      hasher.publish(chunk.byteLength);
      await hasher.free();
    }
    return await hasher.digest();
  } finally {
    await hasher.close();
  }
}
