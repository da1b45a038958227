import type { Context } from "../base/context.ts";
import { measureUsage, type DiskUsage, type ImageUsage } from "../store/disk-usage.ts";
import type { RemovedContent } from "../store/remove-image.ts";
import type { ClusterImageUse } from "./cluster-images.ts";
import type { ImageEnvironment } from "./image-environment.ts";

/** Removes images without a name and content of no image; nothing that is in use, nor what clusters are made of. */
export async function pruneStore(
  ctx: Context,
  { store }: ImageEnvironment,
  used: readonly ClusterImageUse[],
): Promise<RemovedContent> {
  return store.prune(ctx, new Set(used.map(({ digest }) => digest)));
}

export interface StoreUsage extends DiskUsage {
  readonly images: readonly (ImageUsage & {
    /** Clusters that are made of it. */
    readonly clusters: readonly string[];
  })[];
}

/** How much space the store takes, and for what. */
export async function storeUsage(
  ctx: Context,
  { store }: ImageEnvironment,
  used: readonly ClusterImageUse[],
): Promise<StoreUsage> {
  const usage = await measureUsage(store.root, await store.list(ctx));
  const clustersOf = (image: ImageUsage): readonly string[] => [
    ...new Set(used.filter(({ digest }) => digest === image.digest).map(({ cluster }) => cluster)),
  ];
  return { ...usage, images: usage.images.map((image) => ({ ...image, clusters: clustersOf(image) })) };
}
