import { settleLimit } from "../../base/concurrency.ts";
import { runTask, type Context } from "../../base/context.ts";
import { KnownError, NotFoundError } from "../../base/error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Platform } from "../../oci/platform.ts";
import type { ImageStore } from "../../store/image-store.ts";
import type { FileTree } from "../context/file-tree.ts";
import type { ImageSettings } from "../scan/helm-commands.ts";
import { renderImage, type ArchivedImage, type ScannedImage } from "../scan/scanned-image.ts";
import { scanContext } from "../scan/scan-context.ts";
import { loadArchived } from "./archived-images.ts";
import { checkTags } from "./check-tags.ts";
import { registryTree, type CachedImage } from "./registry-tree.ts";
import { findStored } from "./stored-image.ts";
import { billOf, type ImageBill } from "./image-bill.ts";
import { readStoredGraph } from "./stored-graph.ts";

export interface WantedImage {
  /** In its canonical form. */
  readonly name: string;
  readonly platform: Platform;
  /** Whether all images of an index are wanted instead of the platform's. */
  readonly all: boolean;
}

export interface CacheRequest {
  /** The build context without regard to its ignore file. */
  readonly context: FileTree;
  readonly platform: Platform;
  readonly store: ImageStore;
  /**
   * Brings an image from its registry into the store, with the index that a digest in the name means, and returns what
   * the name means: a manifest, or an index that is in the store too.
   */
  readonly pull: (ctx: Context, image: WantedImage) => Promise<Descriptor>;
  /** Put all images of an index below `registry/` instead of the platform's; default false. */
  readonly all?: boolean | undefined;
  /** Environment and commands of the image that is built. */
  readonly settings?: ImageSettings | undefined;
  /** Images at the same time; default 8. */
  readonly concurrency?: number | undefined;
}

export interface ImageCache {
  readonly images: readonly CachedImage[];
  /** A virtual `registry` folder for the build context; undefined when nothing names an image. */
  readonly tree: FileTree | undefined;
  /** Of the images; undefined as the folder is. */
  readonly bill: ImageBill | undefined;
  /** What the user may want to know. */
  readonly notes: readonly string[];
}

/**
 * Finds every image that a build context names, in the store or else in its registry, and lays them out as the folder
 * that the cluster's registry will serve.
 * @throws {KnownError} IMAGE_CACHE_FAILED naming every image that could not be had, and where it is named
 * @throws {InputError} when two images would have the same name there
 */
export async function cacheImages(ctx: Context, request: CacheRequest): Promise<ImageCache> {
  const { images: scanned, archives, notes } = await scanContext(ctx, request.context, request.settings);
  if (scanned.length + archives.length === 0) return { images: [], tree: undefined, bill: undefined, notes };
  const images = await runTask(ctx, `cache ${scanned.length + archives.length} container images`, (inner) =>
    cacheAll(inner, [...scanned, ...archives], request),
  );
  checkTags(images);
  const tree = registryTree(images, (digest) => request.store.blobPath(digest));
  const bill = billOf(images, request.all ? undefined : request.platform);
  return { images, tree, bill, notes: [...notes, ...images.filter(losesPin).map(pinNote)] };
}

async function cacheAll(
  ctx: Context,
  images: readonly (ScannedImage | ArchivedImage)[],
  request: CacheRequest,
): Promise<readonly CachedImage[]> {
  const settled = await settleLimit(ctx, { items: images, limit: request.concurrency ?? 8 }, (inner, image) =>
    cacheImage(inner, image, request),
  );
  const failures = settled.flatMap((result) => (result.ok ? [] : [result]));
  if (failures.length > 0) throw toError(images.length, failures);
  return settled.flatMap((result) => (result.ok ? [result.value] : []));
}

async function cacheImage(
  ctx: Context,
  image: ScannedImage | ArchivedImage,
  request: CacheRequest,
): Promise<CachedImage> {
  const { store, platform, all = false } = request;
  const { name } = image;
  const root =
    "archive" in image
      ? await loadArchived(ctx, image, request)
      : ((await findStored(ctx, store, { image, platform, all })) ??
        (await request.pull(ctx, { name, platform, all })));
  const pinned = image.reference.digest;
  return { ...image, graph: await readStoredGraph(ctx, store, { name, root, platform, all, pinned }) };
}

interface Failure {
  readonly item: ScannedImage;
  readonly error: unknown;
}

function toError(count: number, failures: readonly Failure[]): unknown {
  const bug = failures.find(({ error }) => !(error instanceof KnownError));
  if (bug) return bug.error;
  const lines = failures.map(
    ({ item, error }) => `${renderImage(item)}: ${error instanceof Error ? error.message : ""}`,
  );
  const [first] = failures;
  const isAllMissing = failures.every(({ error }) => error instanceof NotFoundError);
  const hint = first?.error instanceof KnownError ? first.error.hint : undefined;
  return new KnownError(
    "IMAGE_CACHE_FAILED",
    `Cannot cache ${failures.length} of ${count} container images:\n${lines.join("\n")}`,
    {
      hint:
        isAllMissing || hint === undefined ? "Correct the names where they stand, or put them into .sealignore" : hint,
      cause: first?.error,
    },
  );
}

/** A name with a digest that the cluster's registry will not find. */
function losesPin({ reference, graph }: CachedImage): boolean {
  const documents = [...graph.manifests, ...graph.indexes.map(({ descriptor }) => descriptor)];
  return reference.digest !== undefined && !documents.some(({ digest }) => digest === reference.digest);
}

function pinNote(image: CachedImage): string {
  return `${renderImage(image)} is cached as ${image.graph.root.digest}: the cluster's registry will not know the digest in its name`;
}
