import type { LayerEntry } from "../../archive/tar-entry.ts";
import { findWhiteout } from "../../archive/whiteout.ts";
import type { XattrReader } from "../../archive/xattr-reader.ts";
import type { Context } from "../../base/context.ts";
import { parentOf, sortNames, type TreeEntry } from "../context/file-tree.ts";
import type { MemoryTree } from "../context/memory-tree.ts";
import { resolvePath, UnsafePathError } from "../context/resolve-path.ts";
import { toLayerEntries } from "./layer-entries.ts";

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The destination is wrong for what is copied. */
export class DestinationError extends Error {}

/** What one instruction adds to the tree of its stage; the tree changes at once, so that it shows what is there. */
export class LayerDraft {
  readonly #tree: MemoryTree;
  readonly #mtime: number;
  readonly #touched = new Set<string>();

  constructor(tree: MemoryTree, { mtime }: { mtime: number }) {
    this.#tree = tree;
    this.#mtime = mtime;
  }

  /**
   * Adds something; its folder must be there. All that it replaces is gone.
   * @throws {UnsafePathError} for a name that would delete files when the layer is unpacked
   */
  put(path: string, entry: TreeEntry): void {
    if (findWhiteout(path)) {
      throw new UnsafePathError(`the name "${path}" has a meaning in layers: it would remove a file of a layer below`);
    }
    const mode = entry.type === "symlink" ? 0o777 : entry.mode;
    this.#tree.put(path, { ...entry, mode, mtime: this.#mtime });
    this.#touched.add(path);
  }

  /**
   * Makes a folder and those it is in, as far as they are missing: mode 0755.
   * @throws {DestinationError} when something else is in its place
   */
  makeFolders(path: string, { uid, gid }: Owner): void {
    const found = this.#tree.find(path)?.type;
    if (found === "directory") return;
    if (found !== undefined) throw new DestinationError(`"/${path}" is a ${found}, not a folder`);
    const parent = parentOf(path);
    if (parent !== undefined) this.makeFolders(parent, { uid, gid });
    this.put(path, { type: "directory", mode: 0o755, uid, gid, mtime: this.#mtime, size: 0 });
  }

  /** Adds a folder unless there is one; what else is in its place is gone. The folder that it is in must be there. */
  putFolder(path: string, entry: TreeEntry): void {
    if (this.#tree.find(path)?.type !== "directory") this.put(path, entry);
  }

  /** Where a path leads when its links are followed. @throws {UnsafePathError} */
  resolve(path: string): string {
    return resolvePath(this.#tree, path).path;
  }

  /** Everything that was added and not replaced again, sorted so that a folder comes before its content. */
  entries(): readonly LayerEntry[] {
    return toLayerEntries(this.#files());
  }

  /**
   * Asks for the extended attributes of what comes from a folder of this machine.
   * @returns false when there is no program that tells.
   */
  async readXattrs(ctx: Context, reader: XattrReader): Promise<boolean> {
    const files = this.#files().filter(([, { hostPath }]) => hostPath !== undefined);
    const found = await reader.read(
      ctx,
      files.map(([, { hostPath = "" }]) => hostPath),
    );
    for (const [path, { hostPath = "", ...entry }] of files) {
      const xattrs = found?.get(hostPath);
      this.#tree.put(path, xattrs ? { ...entry, xattrs } : entry);
    }
    return found !== undefined;
  }

  #files(): (readonly [path: string, entry: TreeEntry])[] {
    return sortNames([...this.#touched]).flatMap((path) => {
      const entry = this.#tree.find(path);
      return entry ? [[path, entry] as const] : [];
    });
  }
}
