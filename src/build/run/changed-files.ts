import type { LayerEntry, TarEntry } from "../../archive/tar-entry.ts";
import type { IndexedEntry } from "../../archive/tar-index.ts";
import { isKeptXattr } from "../../archive/xattr-reader.ts";
import { childOf, parentOf, sortNames, type FileTree, type TreeEntry } from "../context/file-tree.ts";
import { toLayerEntries } from "../layer/layer-entries.ts";
import { OPAQUE_XATTR } from "./overlay-entries.ts";

/** What a command left in the upper folder of an overlay file system, as a tar archive. */
export interface UpperFolder {
  /** A folder comes before its content. */
  readonly entries: readonly IndexedEntry[];
  readonly tarPath: string;
}

export interface ChangeOptions {
  /** What the command found. */
  readonly before: FileTree;
  /** Time of everything in the layer, in seconds since 1970. */
  readonly epoch: number;
  /** False: the command could give files to nobody, so what was there keeps its owner. */
  readonly keepsOwners: boolean;
}

/**
 * The layer of a command: what it added, changed and removed, and nothing else. A folder that only had to be there for
 * the files in it is left out. Whatever an opaque folder hides is named: not every tool knows opaque folders.
 */
export function toChangedEntries(upper: UpperFolder, options: ChangeOptions): readonly LayerEntry[] {
  const changes = new Changes(upper, options);
  for (const indexed of upper.entries) if (indexed.entry.path !== "") changes.add(indexed);
  return changes.entries();
}

class Changes {
  readonly #tarPath: string;
  readonly #options: ChangeOptions;
  readonly #names: ReadonlySet<string>;
  readonly #linked: ReadonlySet<string>;
  readonly #opaque = new Set<string>();
  readonly #files = new Map<string, TreeEntry>();

  constructor({ entries, tarPath }: UpperFolder, options: ChangeOptions) {
    this.#tarPath = tarPath;
    this.#options = options;
    this.#names = new Set(entries.map(({ entry }) => entry.path));
    this.#linked = new Set(
      entries.flatMap(({ entry: { linkTarget, type } }) => (type === "hardlink" ? [linkTarget ?? ""] : [])),
    );
  }

  add(indexed: IndexedEntry): void {
    const { entry } = indexed;
    if (isRemoval(entry)) return this.#remove(entry.path);
    if (entry.type === "hardlink") return this.#link(entry);
    if (isOpaque(entry) || this.#opaque.has(parentOf(entry.path) ?? "")) this.#hide(entry.path);
    const found = this.#options.before.find(entry.path);
    const file = this.#toFile(indexed, found);
    const isSame = file.type === "directory" && found?.type === "directory" && hasSameAttributes(file, found);
    if (!isSame) this.#files.set(entry.path, file);
  }

  entries(): readonly LayerEntry[] {
    return toLayerEntries(
      sortNames([...this.#files.keys()]).flatMap((path) => {
        const file = this.#files.get(path);
        return file ? [[path, file] as const] : [];
      }),
    );
  }

  /** Of what the command itself had made nothing is known. */
  #remove(path: string): void {
    if (!this.#options.before.find(path)) return;
    const { epoch } = this.#options;
    const content = new Uint8Array();
    this.#files.set(whiteoutOf(path), { type: "file", mode: 0o600, uid: 0, gid: 0, mtime: epoch, size: 0, content });
  }

  #link({ path, linkTarget = "" }: TarEntry): void {
    const target = this.#files.get(linkTarget);
    if (target) this.#files.set(path, target);
  }

  /** The folder has taken the place of another one, and so has what is in it. */
  #hide(path: string): void {
    this.#opaque.add(path);
    for (const name of this.#options.before.list(path)) {
      const child = childOf(path, name);
      if (!this.#names.has(child)) this.#remove(child);
    }
  }

  #toFile({ entry, offset }: IndexedEntry, found: TreeEntry | undefined): TreeEntry {
    const { path, type, mode, size, linkTarget, device, xattrs = {} } = entry;
    if (type === "hardlink") throw new Error(`A hard link has no content of its own: ${path}`);
    const { uid, gid } = this.#options.keepsOwners || !found ? entry : found;
    const kept = Object.entries(xattrs).filter(([name]) => isKeptXattr(name));
    return {
      type,
      mode: type === "symlink" ? 0o777 : mode,
      uid,
      gid,
      mtime: this.#options.epoch,
      size,
      ...(linkTarget === undefined ? {} : { linkTarget }),
      ...(device === undefined ? {} : { device }),
      ...(kept.length === 0 ? {} : { xattrs: Object.fromEntries(kept) }),
      ...(this.#linked.has(path) ? { linkId: path } : {}),
      ...(type === "file" ? { content: { path: this.#tarPath, offset, length: size } } : {}),
    };
  }
}

function isRemoval({ type, device }: TarEntry): boolean {
  return type === "character-device" && device?.major === 0 && device.minor === 0;
}

function isOpaque({ xattrs = {} }: TarEntry): boolean {
  return Object.hasOwn(xattrs, OPAQUE_XATTR);
}

function whiteoutOf(path: string): string {
  const parent = parentOf(path) ?? "";
  return childOf(parent, `.wh.${path.slice(parent === "" ? 0 : parent.length + 1)}`);
}

function hasSameAttributes(a: TreeEntry, b: TreeEntry): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && describe(a.xattrs) === describe(b.xattrs);
}

function describe(xattrs: TreeEntry["xattrs"] = {}): string {
  const values = Object.entries(xattrs).map(([name, value]) => `${name}=${Buffer.from(value).toString("hex")}`);
  return sortNames(values).join(" ");
}
