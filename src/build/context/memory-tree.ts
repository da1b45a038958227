import { childOf, parentOf, sortNames, type FileTree, type TreeEntry } from "./file-tree.ts";

const ROOT: TreeEntry = { type: "directory", mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 };

/** A tree that a build changes. What replaces a folder by something else removes all that was in it. */
export class MemoryTree implements FileTree {
  readonly #entries = new Map<string, TreeEntry>([["", ROOT]]);
  readonly #children = new Map<string, Set<string>>();

  find(path: string): TreeEntry | undefined {
    return this.#entries.get(path);
  }

  list(path: string): readonly string[] {
    return sortNames([...(this.#children.get(path) ?? [])]);
  }

  /** The folder of `path` must be there. */
  put(path: string, entry: TreeEntry): void {
    if (entry.type !== "directory") this.remove(path);
    this.#entries.set(path, entry);
    const parent = parentOf(path);
    if (parent === undefined) return;
    const siblings = this.#children.get(parent) ?? new Set();
    siblings.add(path.slice(parent === "" ? 0 : parent.length + 1));
    this.#children.set(parent, siblings);
  }

  /** Like {@link put}, after adding folders for the parts of `path` that are missing. */
  putWithParents(path: string, entry: TreeEntry): void {
    const parent = parentOf(path);
    if (parent !== undefined && !this.#entries.has(parent)) this.putWithParents(parent, ROOT);
    this.put(path, entry);
  }

  /** Removes a path and everything below it. */
  remove(path: string): void {
    if (!this.#entries.delete(path)) return;
    for (const name of this.#children.get(path) ?? []) this.remove(childOf(path, name));
    this.#children.delete(path);
    const parent = parentOf(path);
    if (parent !== undefined) this.#children.get(parent)?.delete(path.slice(parent === "" ? 0 : parent.length + 1));
  }

  clone(): MemoryTree {
    const copy = new MemoryTree();
    for (const [path, entry] of this.#entries) copy.#entries.set(path, entry);
    for (const [path, names] of this.#children) copy.#children.set(path, new Set(names));
    return copy;
  }
}
