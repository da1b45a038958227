import { closeSync, constants, fstatSync, openSync, type Stats } from "node:fs";
import { posix } from "node:path";

import { KnownError, systemCode } from "../base/error.ts";
import { ChangedFileError, unreadable } from "./errors.ts";
import { toSystemPath } from "./path-bytes.ts";
import { PinnedFolders } from "./pinned-folder.ts";
import type { FileContent } from "./tar-entry.ts";

/** A file that is open, and how it was at that moment. */
export interface OpenedContent {
  /** To be closed. */
  readonly descriptor: number;
  readonly stats: Stats;
}

// Without O_NONBLOCK, a file that was replaced by a fifo would be waited for, for ever.
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Opens the file that content is a part of. Of content with an inode it is that very file, in the place where it was
 * found: no link leads to it, not even one that takes the place of a folder at this moment.
 * @param folders for many files of the same folders
 * @throws {ChangedFileError} when it is another file, or too short
 */
export function openContent(content: FileContent, folders = new PinnedFolders()): OpenedContent {
  const descriptor = content.inode === undefined ? openAnywhere(content) : openInPlace(content, folders);
  try {
    const stats = fstatSync(descriptor);
    checkFile(stats, content);
    return { descriptor, stats };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function openAnywhere({ path }: FileContent): number {
  return openSync(toSystemPath(path), FLAGS);
}

function openInPlace({ path }: FileContent, folders: PinnedFolders): number {
  try {
    const { at, realPath } = folders.pin(posix.dirname(path));
    if (realPath !== posix.dirname(path)) throw new ChangedFileError(path, `its folder is now in "${realPath}"`);
    return openSync(toSystemPath(`${at}/${posix.basename(path)}`), FLAGS | constants.O_NOFOLLOW);
  } catch (error) {
    if (error instanceof KnownError) throw error;
    const reason = CHANGES[systemCode(error) ?? ""];
    throw reason === undefined ? unreadable(path, error) : new ChangedFileError(path, reason);
  }
}

const CHANGES: Readonly<Record<string, string>> = {
  ENOENT: "it is not there any more",
  ENOTDIR: "its folder is not there any more",
  ELOOP: "a link has taken its place",
};

function checkFile(stats: Stats, content: FileContent): void {
  const { path, offset, length, inode, deviceId, modifiedMs } = content;
  if (!stats.isFile()) throw new ChangedFileError(path, "it is not a regular file any more");
  if (inode !== undefined && (stats.ino !== inode || stats.dev !== deviceId)) {
    throw new ChangedFileError(path, "another file has taken its place");
  }
  if (modifiedMs !== undefined && stats.mtimeMs !== modifiedMs) {
    throw new ChangedFileError(path, "it changed during the build");
  }
  if (stats.size < offset + length) {
    throw new ChangedFileError(path, `expected at least ${offset + length} bytes, found ${stats.size}`);
  }
}
