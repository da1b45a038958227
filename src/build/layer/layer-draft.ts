import type { LayerEntry } from "../../archive/tar-entry.ts";
import { findWhiteout } from "../../archive/whiteout.ts";
import { parentOf, sortNames, type TreeEntry } from "../context/file-tree.ts";
import type { MemoryTree } from "../context/memory-tree.ts";
import { resolvePath, UnsafePathError } from "../context/resolve-path.ts";

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

  /** Where a path leads when its links are followed. @throws {UnsafePathError} */
  resolve(path: string): string {
    return resolvePath(this.#tree, path).path;
  }

  /** Everything that was added and not replaced again, sorted so that a folder comes before its content. */
  entries(): readonly LayerEntry[] {
    return sortNames([...this.#touched]).flatMap((path) => {
      const entry = this.#tree.find(path);
      return entry ? [toLayerEntry(path, entry)] : [];
    });
  }
}

function toLayerEntry(path: string, entry: TreeEntry): LayerEntry {
  const { content, type, ...attributes } = entry;
  if (type === "socket") throw new Error(`A socket cannot be in a layer: ${path}`);
  return { entry: { path, type, ...attributes }, ...(content === undefined ? {} : { content }) };
}
