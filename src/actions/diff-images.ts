import type { Context } from "../base/context.ts";
import { openImageFiles, type ImageFiles } from "../store/image-files.ts";
import type { TreeEntry, TreeSpecial } from "../store/image-tree.ts";
import { findImage } from "./find-image.ts";
import type { ImageEnvironment } from "./image-environment.ts";

/** Paths without a leading slash, sorted. */
export interface ImageDifference {
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly deleted: readonly string[];
}

/** What is different between the files of two images: content, kind, owner or mode. Missing images are pulled. */
export async function diffImages(
  ctx: Context,
  environment: ImageEnvironment,
  { from, to }: DiffRequest,
): Promise<ImageDifference> {
  const [before, after] = [await openFiles(ctx, environment, from), await openFiles(ctx, environment, to)];
  return diffTrees(allEntries(before), allEntries(after));
}

export interface DiffRequest {
  readonly from: string;
  readonly to: string;
}

/** The files of an image for the machine's platform, which is pulled if it is missing. */
export async function openFiles(ctx: Context, environment: ImageEnvironment, name: string): Promise<ImageFiles> {
  return openImageFiles(ctx, environment.store, await findImage(ctx, environment, { name }));
}

type AnyEntry = TreeEntry | TreeSpecial;
export type AnyTree = ReadonlyMap<string, AnyEntry>;

/** Pipes and devices among the others, by path, sorted. */
export function allEntries({ tree, specials }: Pick<ImageFiles, "tree" | "specials">): AnyTree {
  const entries: readonly AnyEntry[] = [...tree.values(), ...specials.values()];
  return new Map(entries.toSorted((a, b) => (a.path < b.path ? -1 : 1)).map((entry) => [entry.path, entry]));
}

export function diffTrees(from: AnyTree, to: AnyTree): ImageDifference {
  const common = [...to].flatMap(([path, entry]) => {
    const before = from.get(path);
    return before ? [{ path, before, entry }] : [];
  });
  return {
    changed: common.filter(({ before, entry }) => !isSame(before, entry)).map(({ path }) => path),
    added: [...to.keys()].filter((path) => !from.has(path)),
    deleted: [...from.keys()].filter((path) => !to.has(path)),
  };
}

function isSame(a: AnyEntry, b: AnyEntry): boolean {
  const hasSameAttributes = a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
  return hasSameAttributes && hasSameContent(a, b);
}

/** True when two entries are the same thing, whoever owns it. */
export function hasSameContent(a: AnyEntry, b: AnyEntry): boolean {
  if (a.type === "file" && b.type === "file") return a.size === b.size && a.sha256 === b.sha256;
  if (a.type === "symlink" && b.type === "symlink") return a.target === b.target;
  return a.type === b.type && isSameDevice(a, b);
}

function isSameDevice(a: AnyEntry, b: AnyEntry): boolean {
  if (!("device" in a) || !("device" in b)) return true;
  return a.device?.major === b.device?.major && a.device?.minor === b.device?.minor;
}
