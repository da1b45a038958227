import type { Context } from "../base/context.ts";
import { InputError } from "../base/error.ts";
import type { Digest } from "../oci/digest.ts";
import type { ClusterImageUse } from "./cluster-images.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { listImages } from "./list-images.ts";

export interface RemovedImages {
  /** Names that are gone. */
  readonly untagged: readonly string[];
  /** IDs of images that are gone with their last name. */
  readonly removed: readonly Digest[];
  readonly freedBytes: number;
  /** Images that stayed because clusters are made of them. */
  readonly kept: readonly ClusterImageUse[];
}

export type RemovalRequest =
  | { readonly kind: "named"; readonly names: readonly string[]; readonly force: boolean }
  /** Images without a name, and what belongs to no image. */
  | { readonly kind: "dangling" }
  | { readonly kind: "all"; readonly force?: boolean };

/**
 * Removes images from the store, and content that no image needs any more.
 * @param used what clusters are made of: it is only removed by force.
 * @throws {InputError} for a named image that a cluster is made of; nothing has been removed then.
 */
export async function removeImages(
  ctx: Context,
  environment: ImageEnvironment,
  request: RemovalRequest,
  used: readonly ClusterImageUse[] = [],
): Promise<RemovedImages> {
  const { store } = environment;
  const before = await listImages(ctx, environment);
  const uses = request.kind !== "dangling" && request.force ? [] : used;
  if (request.kind === "named") await requireUnused(ctx, environment, { names: request.names, uses });
  const untagged: string[] = [];
  let freedBytes = 0;
  for (const name of namesToRemove(request, before, uses)) {
    const result = await store.remove(ctx, name, { allNames: request.kind !== "named" || request.force });
    untagged.push(...result.untagged);
    freedBytes += result.freedBytes;
  }
  if (request.kind !== "named") freedBytes += (await store.prune(ctx, digestsOf(uses))).freedBytes;
  const left = new Set((await store.list(ctx)).map(({ descriptor }) => descriptor.digest));
  const removed = before.filter(({ digest }) => !left.has(digest)).map(({ id }) => id);
  return { untagged, removed, freedBytes, kept: keptBy(request, before, uses) };
}

/** Another name of a cluster's image may go. */
async function requireUnused(
  ctx: Context,
  { store }: ImageEnvironment,
  { names, uses }: { names: readonly string[]; uses: readonly ClusterImageUse[] },
): Promise<void> {
  if (uses.length === 0) return;
  for (const name of names) {
    const found = await store.find(ctx, name);
    const use = uses.find(
      (candidate) =>
        candidate.digest === found.descriptor.digest &&
        (found.name === undefined || candidate.name === undefined || found.name === candidate.name),
    );
    if (!use) continue;
    throw new InputError(`Cannot remove image "${name}": the cluster "${use.cluster}" is made of it`, {
      hint: "Keep it for the next change of the cluster, or use --force",
    });
  }
}

function namesToRemove(
  request: RemovalRequest,
  images: Awaited<ReturnType<typeof listImages>>,
  uses: readonly ClusterImageUse[],
): readonly string[] {
  if (request.kind === "named") return request.names;
  if (request.kind === "dangling") return [];
  const kept = digestsOf(uses);
  return images.map(({ digest }) => digest).filter((digest) => !kept.has(digest));
}

/** Images with a name are not asked for by `dangling`. */
function keptBy(
  { kind }: RemovalRequest,
  images: Awaited<ReturnType<typeof listImages>>,
  uses: readonly ClusterImageUse[],
): readonly ClusterImageUse[] {
  if (kind === "named") return [];
  if (kind === "all") return uses;
  const unnamed = new Set(images.filter(({ names }) => names.length === 0).map(({ digest }) => digest));
  return uses.filter(({ digest }) => unnamed.has(digest));
}

function digestsOf(uses: readonly ClusterImageUse[]): ReadonlySet<Digest> {
  return new Set(uses.map(({ digest }) => digest));
}
