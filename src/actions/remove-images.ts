import type { Context } from "../base/context.ts";
import type { Digest } from "../oci/digest.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { listImages } from "./list-images.ts";

export interface RemovedImages {
  /** Names that are gone. */
  readonly untagged: readonly string[];
  /** IDs of images that are gone with their last name. */
  readonly removed: readonly Digest[];
  readonly freedBytes: number;
}

export type RemovalRequest =
  | { readonly kind: "named"; readonly names: readonly string[]; readonly force: boolean }
  /** Images without a name, and what belongs to no image. */
  | { readonly kind: "dangling" }
  | { readonly kind: "all" };

/** Removes images from the store, and content that no image needs any more. */
export async function removeImages(
  ctx: Context,
  environment: ImageEnvironment,
  request: RemovalRequest,
): Promise<RemovedImages> {
  const { store } = environment;
  const before = await listImages(ctx, environment);
  const untagged: string[] = [];
  let freedBytes = 0;
  for (const name of namesToRemove(request, before)) {
    const result = await store.remove(ctx, name, { allNames: request.kind !== "named" || request.force });
    untagged.push(...result.untagged);
    freedBytes += result.freedBytes;
  }
  if (request.kind !== "named") freedBytes += (await store.prune(ctx)).freedBytes;
  const left = new Set((await store.list(ctx)).map(({ descriptor }) => descriptor.digest));
  return { untagged, removed: before.filter(({ digest }) => !left.has(digest)).map(({ id }) => id), freedBytes };
}

function namesToRemove(request: RemovalRequest, images: Awaited<ReturnType<typeof listImages>>): readonly string[] {
  if (request.kind === "named") return request.names;
  return request.kind === "all" ? images.map(({ digest }) => digest) : [];
}
