import type { Context } from "../base/context.ts";
import { measureUsage, type DiskUsage } from "../store/disk-usage.ts";
import type { RemovedContent } from "../store/remove-image.ts";
import type { ImageEnvironment } from "./image-environment.ts";

/** Removes images without a name and content of no image; nothing that is in use. */
export async function pruneStore(ctx: Context, { store }: ImageEnvironment): Promise<RemovedContent> {
  return store.prune(ctx);
}

/** How much space the store takes, and for what. */
export async function storeUsage(ctx: Context, { store }: ImageEnvironment): Promise<DiskUsage> {
  return measureUsage(store.root, await store.list(ctx));
}
