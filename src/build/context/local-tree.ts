import { lstatSync, readdirSync, readlinkSync, realpathSync, type Stats } from "node:fs";
import { join } from "node:path";

import { decodePath, toSystemPath } from "../../archive/path-bytes.ts";
import { InputError, messageOf, systemCode } from "../../base/error.ts";
import { sortNames, type FileTree, type LocalContent, type TreeEntry } from "./file-tree.ts";

/**
 * A folder of this machine. File calls are synchronous: a trip through the thread pool costs more than ten of them.
 * @throws {InputError} when it is not a folder or something in it cannot be read.
 */
export function openLocalTree(directory: string): FileTree {
  const hostRoot = resolveRoot(directory);
  return {
    hostRoot,
    find: (path) => reading(join(hostRoot, path), findEntry),
    list: (path) => reading(join(hostRoot, path), listNames) ?? [],
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

function findEntry(path: string): TreeEntry | undefined {
  const stats = lstatSync(toSystemPath(path), { throwIfNoEntry: false });
  return stats && toEntry(path, stats);
}

function listNames(path: string): string[] {
  const names = readdirSync(toSystemPath(path), "utf8");
  if (!names.some((name) => name.includes("\ufffd"))) return sortNames(names);
  return sortNames(readdirSync(toSystemPath(path), "buffer").map(decodePath));
}

/** @returns undefined when there is nothing at `path`. */
function reading<T>(path: string, work: (path: string) => T | undefined): T | undefined {
  try {
    return work(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === undefined) throw error;
    throw new InputError(`Cannot read "${path}": ${messageOf(error)}`, {
      hint: "Make the file readable, or exclude it in .containerignore",
      cause: error,
    });
  }
}

function toEntry(path: string, stats: Stats): TreeEntry {
  const type = typeOf(stats);
  const common = {
    type,
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    mtime: stats.mtimeMs / 1000,
    size: type === "file" ? stats.size : 0,
  };
  if (type === "file") return { ...common, content: toContent(path, stats) };
  if (type === "symlink") return { ...common, linkTarget: readLink(path) };
  if (type !== "character-device" && type !== "block-device") return common;
  return { ...common, device: toDevice(stats.rdev) };
}

function toContent(path: string, { size, mtimeMs, ctimeMs, ino, dev }: Stats): LocalContent {
  const state = { fileSize: size, modifiedMs: mtimeMs, changedMs: ctimeMs, inode: ino, deviceId: dev };
  return { path, offset: 0, length: size, ...state };
}

/** True for a file of this machine, or a part of one, that must be as it was found. */
export function isLocalContent(content: object): content is LocalContent {
  return "inode" in content;
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
