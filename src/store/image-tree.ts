import { posix } from "node:path";

import { UnsafeArchiveError } from "../archive/errors.ts";
import { findWhiteout } from "../archive/whiteout.ts";
import { assertNever, InputError } from "../base/error.ts";
import { printable } from "../base/text.ts";
import type { LayerMember, OpenLayer } from "./layer-cache.ts";

const LINK_LIMIT = 40;

interface TreeAttributes {
  /** Relative to the image's root, without a leading slash. */
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of files and folders. */
  readonly xattrs?: Readonly<Record<string, Uint8Array>>;
}

export interface TreeFile extends TreeAttributes {
  readonly type: "file";
  /** In bytes. */
  readonly size: number;
  /** In hex digits. */
  readonly sha256: string;
  readonly content: { readonly path: string; readonly offset: number; readonly length: number };
}

export type TreeEntry =
  | TreeFile
  | (TreeAttributes & { readonly type: "directory" })
  | (TreeAttributes & { readonly type: "symlink"; readonly target: string });

/** A pipe or device. */
export interface TreeSpecial extends TreeAttributes {
  readonly type: "fifo" | "character-device" | "block-device";
  readonly device?: { readonly major: number; readonly minor: number };
}

/** What an image's layers make together. */
export interface ImageTree {
  /** By path, sorted; the root itself is not in it. */
  readonly tree: ReadonlyMap<string, TreeEntry>;
  /** Pipes and devices by path, sorted: only what makes other images keeps them. */
  readonly specials: ReadonlyMap<string, TreeSpecial>;
  /** What was left out, for people. */
  readonly notes: readonly string[];
}

/** Lays layers over each other, the lowest first, as the image-spec says: whiteouts act on the layers below only. */
export function uniteLayers(layers: readonly OpenLayer[]): ImageTree {
  const union = new Union();
  for (const layer of layers) union.add(layer);
  const sorted = [...union.entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const specials = sorted.filter(isSpecial);
  return {
    tree: byPath(sorted.filter((entry) => !isSpecial(entry))),
    specials: byPath(specials),
    notes: specials.map(({ path, type }) => `left out "${printable(path)}": it is a ${type}`),
  };
}

function byPath<T extends TreeAttributes>(entries: readonly T[]): ReadonlyMap<string, T> {
  return new Map(entries.map((entry) => [entry.path, entry]));
}

function isSpecial(entry: TreeEntry | TreeSpecial): entry is TreeSpecial {
  return entry.type === "fifo" || entry.type === "character-device" || entry.type === "block-device";
}

class Union {
  readonly entries = new Map<string, TreeEntry | TreeSpecial>();

  add({ members, tarPath }: OpenLayer): void {
    for (const { path } of members) {
      const whiteout = findWhiteout(path);
      if (whiteout?.kind === "opaque") this.#removeBelow(this.#resolve(whiteout.path));
      if (whiteout?.kind === "path") this.#remove(this.#resolveParent(whiteout.path));
    }
    for (const member of members) if (member.path !== "" && !findWhiteout(member.path)) this.#put(member, tarPath);
  }

  #put(member: LayerMember, tarPath: string): void {
    const path = this.#resolveParent(member.path);
    const entry = this.#toEntry({ ...member, path }, tarPath);
    this.#makeFolders(posix.dirname(path));
    const before = this.entries.get(path);
    if (before?.type === "directory" && entry.type !== "directory") this.#removeBelow(path);
    this.entries.set(path, entry);
  }

  #toEntry({ size, offset, sha256, ...member }: LayerMember, tarPath: string): TreeEntry | TreeSpecial {
    const { path, type, mode, uid, gid, device, xattrs } = member;
    const attributes = { path, mode, uid, gid, ...(xattrs === undefined ? {} : { xattrs: toBytes(xattrs) }) };
    switch (type) {
      case "file":
        return { ...attributes, type, size, sha256: sha256 ?? "", content: { path: tarPath, offset, length: size } };
      case "directory":
        return { ...attributes, type };
      case "symlink":
        return { path, uid, gid, type, mode: 0o777, target: member.linkTarget ?? "" };
      case "hardlink":
        return this.#linked(path, member.linkTarget ?? "");
      case "fifo":
        return { ...attributes, type };
      case "character-device":
      case "block-device":
        return { ...attributes, type, ...(device === undefined ? {} : { device }) };
      default:
        return assertNever(type);
    }
  }

  #linked(path: string, target: string): TreeEntry | TreeSpecial {
    const entry = this.entries.get(this.#resolveParent(target));
    if (entry && entry.type !== "directory") return { ...entry, path };
    throw new InputError(
      `Cannot open image: "${printable(path)}" is a hard link to "${printable(target)}", which is not there`,
    );
  }

  /** A folder that no layer lists is there nevertheless when something is in it. */
  #makeFolders(folder: string): void {
    if (folder === "." || this.entries.get(folder)?.type === "directory") return;
    this.#makeFolders(posix.dirname(folder));
    this.entries.set(folder, { type: "directory", path: folder, mode: 0o755, uid: 0, gid: 0 });
  }

  #remove(path: string): void {
    const isFolder = this.entries.get(path)?.type === "directory";
    this.entries.delete(path);
    if (isFolder) this.#removeBelow(path);
  }

  #removeBelow(folder: string): void {
    const prefix = folder === "" ? "" : `${folder}/`;
    for (const path of this.entries.keys()) if (path.startsWith(prefix)) this.entries.delete(path);
  }

  #resolveParent(path: string): string {
    const folder = posix.dirname(path);
    return folder === "." ? path : posix.join(this.#resolve(folder), posix.basename(path));
  }

  /** Follows symlinks as a process inside the image would: they never lead out of its root. */
  #resolve(path: string): string {
    const rest = path.split("/").toReversed();
    let resolved = "";
    for (let links = 0; rest.length > 0;) {
      const part = rest.pop() ?? "";
      if (part === "..") resolved = parentOf(resolved);
      if (part === "" || part === "." || part === "..") continue;
      const next = posix.join(resolved, part);
      const entry = this.entries.get(next);
      if (entry?.type !== "symlink") {
        resolved = next;
        continue;
      }
      if (++links > LINK_LIMIT)
        throw new UnsafeArchiveError(`Cannot open image: the links at "${printable(path)}" form a circle`);
      if (entry.target.startsWith("/")) resolved = "";
      rest.push(...entry.target.split("/").toReversed());
    }
    return resolved;
  }
}

function parentOf(path: string): string {
  return path.includes("/") ? posix.dirname(path) : "";
}

function toBytes(xattrs: Readonly<Record<string, string>>): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(xattrs).map(([name, hex]) => [name, Buffer.from(hex, "hex")]));
}
