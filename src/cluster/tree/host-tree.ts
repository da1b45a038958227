import { createHash } from "node:crypto";

/** Where a file's bytes are: a part of a local file, or in memory. */
export type HostFileContent = { readonly path: string; readonly offset: number; readonly length: number } | Buffer;

export interface HostFile {
  readonly type: "file";
  readonly mode: number;
  /** In bytes. */
  readonly size: number;
  /** Hex digits. */
  readonly sha256: string;
  readonly content: HostFileContent;
}

export type HostTreeEntry =
  | HostFile
  | { readonly type: "directory"; readonly mode: number }
  | { readonly type: "symlink"; readonly target: string };

/** What a folder of a host should hold, by relative path without a leading slash. */
export type HostTree = ReadonlyMap<string, HostTreeEntry>;

export function textFile(text: string, mode: number): HostFile {
  const content = Buffer.from(text);
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { type: "file", mode, size: content.byteLength, sha256, content };
}

/** One tree over the other: the entry of the later one wins. */
export function overlay(trees: readonly HostTree[]): HostTree {
  return new Map(trees.flatMap((tree) => [...tree]));
}

/** The entries that a predicate on the path keeps. */
export function filterTree(tree: HostTree, keep: (path: string) => boolean): HostTree {
  return new Map([...tree].filter(([path]) => keep(path)));
}

export function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** The tree below `folder`, with paths relative to it. */
export function subtree(tree: HostTree, folder: string): HostTree {
  const prefix = `${folder}/`;
  return new Map(
    [...tree].filter(([path]) => path.startsWith(prefix)).map(([path, entry]) => [path.slice(prefix.length), entry]),
  );
}
