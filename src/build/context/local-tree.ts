import { lstatSync, readdirSync, readlinkSync, realpathSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";

import { ChangedFileError, unreadable } from "../../archive/errors.ts";
import { decodePath, toSystemPath } from "../../archive/path-bytes.ts";
import { PinnedFolders, type PinnedFolder } from "../../archive/pinned-folder.ts";
import { InputError, KnownError, messageOf, systemCode } from "../../base/error.ts";
import { sortNames, type FileTree, type LocalContent, type TreeEntry } from "./file-tree.ts";

/**
 * A folder of this machine. File calls are synchronous: a trip through the thread pool costs more than ten of them.
 * @throws {InputError} when it is not a folder or something in it cannot be read.
 */
export function openLocalTree(directory: string): FileTree {
  const root = new LocalRoot(resolveRoot(directory));
  return {
    hostRoot: root.path,
    find: (path) => root.find(path),
    list: (path) => root.list(path),
  };
}

function resolveRoot(directory: string): string {
  try {
    const root = realpathSync(directory);
    if (lstatSync(root).isDirectory()) return root;
  } catch (error) {
    throw new InputError(`Cannot use "${directory}" as build context: ${messageOf(error)}`, {
      hint: "Give the folder that the Kubefile copies from",
      cause: error,
    });
  }
  throw new InputError(`Cannot use "${directory}" as build context: it is not a folder`);
}

/** Reaches everything through open folders: a link that is made during the build leads nowhere else. */
class LocalRoot {
  readonly path: string;
  readonly #folders = new PinnedFolders();

  constructor(path: string) {
    this.path = path;
  }

  find(path: string): TreeEntry | undefined {
    const place = join(this.path, path);
    return reading(place, () => {
      const { at, realPath } = this.#pin(path === "" ? place : dirname(place), place);
      if (path === "") return toEntry({ at, path: realPath }, lstatSync(`${at}/.`));
      const name = basename(place);
      const stats = lstatSync(toSystemPath(`${at}/${name}`), { throwIfNoEntry: false });
      return stats && toEntry({ at: `${at}/${name}`, path: join(realPath, name) }, stats);
    });
  }

  list(path: string): readonly string[] {
    const place = join(this.path, path);
    return reading(place, () => listNames(this.#pin(place, place).at)) ?? [];
  }

  #pin(folder: string, wanted: string): PinnedFolder {
    const pinned = this.#folders.pin(folder);
    const isInside = `${pinned.realPath}/`.startsWith(this.path === "/" ? "/" : `${this.path}/`);
    if (isInside) return pinned;
    throw new ChangedFileError(wanted, `a link leads out of the build context, to "${pinned.realPath}"`);
  }
}

function listNames(path: string): string[] {
  const names = readdirSync(path, "utf8");
  if (!names.some((name) => name.includes("\ufffd"))) return sortNames(names);
  return sortNames(readdirSync(path, "buffer").map(decodePath));
}

/** @returns undefined when there is nothing at `path`. */
function reading<T>(path: string, work: () => T | undefined): T | undefined {
  try {
    return work();
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === undefined || error instanceof KnownError) throw error;
    if (code === "EINVAL") throw new ChangedFileError(path, "it is not a link any more");
    throw unreadable(path, error);
  }
}

/** Where something is: as it was reached, and as it is named. */
interface Location {
  readonly at: string;
  readonly path: string;
}

function toEntry({ at, path }: Location, stats: Stats): TreeEntry {
  const type = typeOf(stats);
  const common = {
    type,
    hostPath: path,
    ...(stats.nlink > 1 && type !== "directory" ? { linkId: `${stats.dev}:${stats.ino}` } : {}),
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    mtime: stats.mtimeMs / 1000,
    size: type === "file" ? stats.size : 0,
  };
  if (type === "file") return { ...common, content: toContent(path, stats) };
  if (type === "symlink") return { ...common, linkTarget: readLink(at) };
  if (type !== "character-device" && type !== "block-device") return common;
  return { ...common, device: toDevice(stats.rdev) };
}

function toContent(path: string, { size, mtimeMs, ctimeMs, ino, dev }: Stats): LocalContent {
  const state = { fileSize: size, modifiedMs: mtimeMs, changedMs: ctimeMs, inode: ino, deviceId: dev };
  return { path, offset: 0, length: size, ...state };
}

/** True for a file of this machine, or a part of one, that must be as it was found. */
export function isLocalContent(content: object): content is LocalContent {
  return "changedMs" in content;
}

function typeOf(stats: Stats): TreeEntry["type"] {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isSymbolicLink()) return "symlink";
  if (stats.isFIFO()) return "fifo";
  if (stats.isCharacterDevice()) return "character-device";
  return stats.isBlockDevice() ? "block-device" : "socket";
}

function readLink(path: string): string {
  return decodePath(readlinkSync(toSystemPath(path), "buffer"));
}

/** Linux packs both numbers into one: 12 + 8 low bits, the rest above. */
function toDevice(rdev: number): { major: number; minor: number } {
  const value = BigInt(rdev);
  const major = ((value >> 8n) & 0xfffn) | ((value >> 32n) & 0xfffff000n);
  const minor = (value & 0xffn) | ((value >> 12n) & 0xffffff00n);
  return { major: Number(major), minor: Number(minor) };
}
