import { bytesOf } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { InputError, NotFoundError } from "../../base/error.ts";
import type { Fetcher, ImageTarget } from "../../oci/content.ts";
import { copyGraph } from "../../oci/copy-graph.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { digestOf, isDigest } from "../../oci/digest.ts";
import { isImageIndex, parseManifest, type Manifest } from "../../oci/manifest.ts";
import { MEDIA_TYPES } from "../../oci/media-type.ts";
import { fetchDocument } from "../../oci/verify.ts";
import type { LayerRecord } from "../../store/layer-records.ts";

/** What the configuration of such a manifest is: the keys of its layers. */
const CACHE_MEDIA_TYPE = "application/vnd.sealos.build-cache.v1+json";

/** Layers of another machine by their keys. Their blobs are fetched when they are needed. */
export interface ImportedLayers {
  readonly layers: ReadonlyMap<string, LayerRecord>;
  readonly source: Fetcher;
}

/** Where a cache is: a name in a repository or layout. */
export interface CachePlace {
  readonly target: ImageTarget;
  /** Tag or name in `target`. */
  readonly name: string;
  /** For people. */
  readonly title: string;
}

/** Reads which layers a cache has; none when there is no cache yet. @throws {InputError} for another kind of image. */
export async function importLayers(ctx: Context, { target, name, title }: CachePlace): Promise<ImportedLayers> {
  let root: Descriptor;
  try {
    root = await target.resolve(ctx, name);
  } catch (error) {
    if (error instanceof NotFoundError) return { layers: new Map(), source: target };
    throw error;
  }
  const manifest = parseManifest(await fetchDocument(ctx, target, root), root.mediaType);
  if (isImageIndex(manifest) || manifest.config.mediaType !== CACHE_MEDIA_TYPE) {
    throw new InputError(`Cannot use "${title}" as build cache: it is an image`, {
      hint: "Give the cache a name of its own, with --cache-to and --cache-from",
    });
  }
  const document: unknown = JSON.parse((await fetchDocument(ctx, target, manifest.config)).toString("utf8"));
  return { layers: readRecords(document, manifest, title), source: target };
}

/** Writes a cache with these layers: a manifest that has them as its own, which registries keep and copy as an image. */
export async function exportLayers(
  ctx: Context,
  { layers, source, to }: { layers: ReadonlyMap<string, LayerRecord>; source: Fetcher; to: CachePlace },
): Promise<void> {
  const records = [...layers].sort(([a], [b]) => (a < b ? -1 : 1));
  const descriptors = new Map(records.map(([, { descriptor }]) => [descriptor.digest, descriptor]));
  for (const root of descriptors.values()) await copyGraph(ctx, { from: source, to: to.target, root });
  const document = records.map(([key, { descriptor, diffId, createdMs }]) => ({
    key,
    digest: descriptor.digest,
    diffId,
    createdMs,
  }));
  const config = await push(ctx, to.target, { document: { layers: document }, mediaType: CACHE_MEDIA_TYPE });
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config,
    layers: [...descriptors.values()],
  };
  const root = await push(ctx, to.target, { document: manifest, mediaType: MEDIA_TYPES.ociManifest });
  await to.target.tag(ctx, root, to.name);
}

async function push(
  ctx: Context,
  target: ImageTarget,
  { document, mediaType }: { document: object; mediaType: string },
): Promise<Descriptor> {
  const content = Buffer.from(JSON.stringify(document));
  const descriptor = { mediaType, digest: digestOf(content), size: content.byteLength };
  await target.push(ctx, descriptor, bytesOf(content));
  return descriptor;
}

function readRecords(document: unknown, { layers }: Manifest, title: string): ReadonlyMap<string, LayerRecord> {
  const records = typeof document === "object" && document !== null && "layers" in document ? document.layers : [];
  if (!Array.isArray(records)) throw new InputError(`Cannot read the build cache "${title}": its list is damaged`);
  return new Map(
    records.flatMap((value: unknown) => {
      const record = toRecord(value, layers);
      return record ? [[record.keys[0] ?? "", record] as const] : [];
    }),
  );
}

function toRecord(value: unknown, layers: readonly Descriptor[]): LayerRecord | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { key, digest, diffId, createdMs } = value as Partial<Record<string, unknown>>;
  const descriptor = layers.find((layer) => layer.digest === digest);
  if (!descriptor || typeof key !== "string" || typeof diffId !== "string" || typeof createdMs !== "number") {
    return undefined;
  }
  return isDigest(diffId) ? { descriptor, diffId, createdMs, keys: [key] } : undefined;
}
