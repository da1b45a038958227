import type { Context } from "../base/context.ts";
import { openImageFiles } from "../store/image-files.ts";
import type { TreeEntry } from "../store/image-tree.ts";
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
  { from, to }: { from: string; to: string },
): Promise<ImageDifference> {
  const open = async (name: string): Promise<ReadonlyMap<string, TreeEntry>> =>
    (await openImageFiles(ctx, environment.store, await findImage(ctx, environment, { name }))).tree;
  return diffTrees(await open(from), await open(to));
}

export function diffTrees(from: ReadonlyMap<string, TreeEntry>, to: ReadonlyMap<string, TreeEntry>): ImageDifference {
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

function isSame(a: TreeEntry, b: TreeEntry): boolean {
  const hasSameAttributes = a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
  return hasSameAttributes && hasSameContent(a, b);
}

/** True when two entries are the same thing, whoever owns it. */
export function hasSameContent(a: TreeEntry, b: TreeEntry): boolean {
  if (a.type === "file" && b.type === "file") return a.size === b.size && a.sha256 === b.sha256;
  if (a.type === "symlink" && b.type === "symlink") return a.target === b.target;
  return a.type === "directory" && b.type === "directory";
}
