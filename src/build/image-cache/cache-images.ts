import { mapLimit } from "../../base/concurrency.ts";
import { runTask, type Context } from "../../base/context.ts";
import { InputError, NotFoundError } from "../../base/error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Platform } from "../../oci/platform.ts";
import type { ImageStore } from "../../store/image-store.ts";
import type { FileTree } from "../context/file-tree.ts";
import { listImages, type ListedImage } from "./image-lists.ts";
import { registryTree, type CachedImage } from "./registry-tree.ts";
import { readStoredGraph } from "./stored-graph.ts";

export interface CacheRequest {
  /** The build context without regard to its ignore file. */
  readonly context: FileTree;
  readonly platform: Platform;
  readonly store: ImageStore;
  /**
   * Brings an image from its registry into the store, at least that of the platform, and returns what the name means:
   * a manifest, or an index that is in the store too.
   */
  readonly pull: (ctx: Context, name: string, platform: Platform) => Promise<Descriptor>;
  /** Images at the same time; default 4. */
  readonly concurrency?: number | undefined;
}

export interface ImageCache {
  readonly images: readonly CachedImage[];
  /** A virtual `registry` folder for the build context; undefined when no list names an image. */
  readonly tree: FileTree | undefined;
  /** What the user may want to know. */
  readonly notes: readonly string[];
}

/**
 * Finds every image that the lists of a build context name, in the store or else in its registry, and lays them out as
 * the folder that the cluster's registry will serve.
 * @throws {InputError} when two images would have the same name there
 */
export async function cacheImages(ctx: Context, request: CacheRequest): Promise<ImageCache> {
  const listed = listImages(request.context);
  if (listed.length === 0) return { images: [], tree: undefined, notes: [] };
  const images = await runTask(ctx, `cache ${listed.length} container images`, (inner) =>
    mapLimit(inner, { items: listed, limit: request.concurrency ?? 4 }, (ctx, image) =>
      cacheImage(ctx, image, request),
    ),
  );
  checkNames(images);
  const tree = registryTree(images, (digest) => request.store.blobPath(digest));
  return { images, tree, notes: images.filter(losesPin).map(pinNote) };
}

async function cacheImage(
  ctx: Context,
  image: ListedImage,
  { store, platform, pull }: CacheRequest,
): Promise<CachedImage> {
  const { name } = image;
  const stored = await findStored(ctx, store, name);
  const root = stored ?? (await pull(ctx, name, platform));
  return { ...image, graph: await readStoredGraph(ctx, store, { name, root, platform }) };
}

async function findStored(ctx: Context, store: ImageStore, name: string): Promise<Descriptor | undefined> {
  try {
    return await store.resolve(ctx, name);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** The cluster's registry knows images without the registry that they come from. */
function checkNames(images: readonly CachedImage[]): void {
  const owners = new Map<string, CachedImage>();
  const problems: string[] = [];
  for (const image of images) {
    const { repository, tag } = image.reference;
    if (tag === undefined) continue;
    const name = `${repository}:${tag}`;
    const owner = owners.get(name);
    if (owner && owner.graph.root.digest !== image.graph.root.digest) {
      problems.push(`${placeOf(owner)} and ${placeOf(image)} would both be "${name}"`);
    } else owners.set(name, image);
  }
  if (problems.length === 0) return;
  throw new InputError(`Cannot cache images for the cluster's registry:\n${problems.join("\n")}`, {
    hint: "Tag one of them differently, in the list and where it is used",
  });
}

/** A name with the digest of an index, of which only one platform's image is in the store. */
function losesPin({ reference, graph }: CachedImage): boolean {
  return reference.digest !== undefined && !graph.manifests.some(({ digest }) => digest === reference.digest);
}

function pinNote(image: CachedImage): string {
  return `${placeOf(image)} is cached as ${image.graph.root.digest}: the cluster's registry will not know the digest in its name`;
}

function placeOf({ name, file, line }: CachedImage): string {
  return `"${name}" (${file}:${line})`;
}
