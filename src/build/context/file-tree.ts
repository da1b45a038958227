import { posix } from "node:path";

import { encodePath } from "../../archive/path-bytes.ts";
import type { EntryContent, FileContent, TarEntryType } from "../../archive/tar-entry.ts";

/** A file of this machine as it was found: it must still be so when it has been read. */
export interface LocalContent extends FileContent {
  readonly fileSize: number;
  readonly modifiedMs: number;
  /** When its content, name or attributes changed last: no program can set this time. */
  readonly changedMs: number;
  readonly inode: number;
  readonly deviceId: number;
}

/** A file, folder or something else in a {@link FileTree}; a link is not followed. */
export interface TreeEntry {
  readonly type: Exclude<TarEntryType, "hardlink"> | "socket";
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** In seconds since 1970. */
  readonly mtime: number;
  /** In bytes; zero for everything but files. */
  readonly size: number;
  /** Of a symbolic link, as it is. */
  readonly linkTarget?: string;
  readonly device?: { readonly major: number; readonly minor: number };
  readonly xattrs?: Readonly<Record<string, Uint8Array>>;
  /** All names of one file have the same; absent when there is no second name. */
  readonly linkId?: string;
  /** On this machine; it may have extended attributes that nobody has asked for yet. */
  readonly hostPath?: string;
  /** Of a file. */
  readonly content?: EntryContent | LocalContent;
}

/**
 * Where COPY takes files from and puts them to: a folder of this machine, an image, or what a build has made so far.
 * Paths are relative and clean, the root is the empty string.
 */
export interface FileTree {
  find(path: string): TreeEntry | undefined;
  /** The names in a folder, in byte order. */
  list(path: string): readonly string[];
  /**
   * The place on this machine, for a tree that is a folder there. Links out of such a tree are refused; in any other
   * tree the root is where every path ends, as for a process that has it as its root.
   */
  readonly hostRoot?: string;
  /** Says why a path that cannot be found is left out of this tree, if that is so. */
  whyHidden?(path: string): string | undefined;
}

/** A path inside a tree with another name behind it. */
export function childOf(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** The folder that a path is in; undefined for the root. */
export function parentOf(path: string): string | undefined {
  if (path === "") return undefined;
  const parent = posix.dirname(path);
  return parent === "." ? "" : parent;
}

/** Names in the order of their bytes, which JavaScript's own order is not beyond the basic plane. */
export function sortNames(names: string[]): string[] {
  const isPlain = !names.some((name) => /[\ud800-\uffff]/.test(name));
  return isPlain ? names.sort() : names.sort((a, b) => Buffer.compare(encodePath(a), encodePath(b)));
}
