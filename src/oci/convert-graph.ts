import { bytesOf } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import { InputError } from "../base/error.ts";
import type { ContentStore, Fetcher } from "./content.ts";
import { copyGraph, type CopyOptions } from "./copy-graph.ts";
import type { Descriptor } from "./descriptor.ts";
import { digestOf } from "./digest.ts";
import { isImageIndex, parseManifest, type ImageIndex, type Manifest } from "./manifest.ts";
import { isDocumentType, isForeignLayer, MEDIA_TYPES } from "./media-type.ts";
import { fetchDocument } from "./verify.ts";

/** The media types of an image's documents: OCI's, or Docker's manifest version 2, schema 2. */
export type ImageFormat = "oci" | "v2s2";

export interface ConvertOptions extends CopyOptions {
  /** Default: as they are. */
  readonly format?: ImageFormat | undefined;
  /** Stores a layer in another packing. @returns what is to stand in the manifest. */
  readonly repackLayer?: ((ctx: Context, layer: Descriptor) => Promise<Descriptor>) | undefined;
}

interface Conversion {
  readonly from: Fetcher;
  readonly to: ContentStore;
  readonly root: Descriptor;
}

const TO_OCI: Readonly<Record<string, string>> = {
  [MEDIA_TYPES.dockerManifest]: MEDIA_TYPES.ociManifest,
  [MEDIA_TYPES.dockerManifestList]: MEDIA_TYPES.ociIndex,
  [MEDIA_TYPES.dockerConfig]: MEDIA_TYPES.ociConfig,
  [MEDIA_TYPES.dockerLayer]: MEDIA_TYPES.ociLayer,
  [MEDIA_TYPES.dockerLayerGzip]: MEDIA_TYPES.ociLayerGzip,
};
const TO_DOCKER: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(TO_OCI).map(([docker, oci]) => [oci, docker]),
);

/**
 * Copies an image and writes its manifests anew, in another format or with other layers. Configuration and image ID
 * stay; digests of manifests change wherever anything does.
 * @returns the new root. @throws {InputError} for what the format cannot say.
 */
export async function convertGraph(
  ctx: Context,
  { from, to, root }: Conversion,
  options: ConvertOptions,
): Promise<Descriptor> {
  if (!isDocumentType(root.mediaType)) {
    await copyGraph(ctx, { from, to, root }, options);
    return withType(root, options.format);
  }
  const content = await fetchDocument(ctx, from, root);
  const document = parseManifest(content, root.mediaType);
  const converted = isImageIndex(document)
    ? await convertIndex(ctx, { from, to }, document, options)
    : await convertManifest(ctx, { from, to }, document, options);
  const bytes = isSame(document, converted) ? content : Buffer.from(JSON.stringify(converted));
  const { mediaType } = converted;
  const descriptor = { ...root, mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  await to.push(ctx, descriptor, bytesOf(bytes));
  return descriptor;
}

async function convertIndex(
  ctx: Context,
  ends: Omit<Conversion, "root">,
  index: ImageIndex,
  options: ConvertOptions,
): Promise<ImageIndex> {
  const manifests: Descriptor[] = [];
  for (const root of index.manifests) manifests.push(await convertGraph(ctx, { ...ends, root }, options));
  return { ...index, mediaType: typeIn(index.mediaType, options.format), manifests };
}

async function convertManifest(
  ctx: Context,
  { from, to }: Omit<Conversion, "root">,
  manifest: Manifest,
  options: ConvertOptions,
): Promise<Manifest> {
  const { format, repackLayer } = options;
  const layers: Descriptor[] = [];
  for (const layer of manifest.layers) {
    if (repackLayer && !isForeignLayer(layer.mediaType)) {
      layers.push(withType(await repackLayer(ctx, layer), format));
    } else {
      const mediaType = typeIn(layer.mediaType, format); // refuses before anything is sent
      await copyGraph(ctx, { from, to, root: layer }, options);
      layers.push({ ...layer, mediaType });
    }
  }
  await copyGraph(ctx, { from, to, root: manifest.config }, options);
  return {
    ...manifest,
    mediaType: typeIn(manifest.mediaType, format),
    config: withType(manifest.config, format),
    layers,
  };
}

function isSame(before: Manifest | ImageIndex, after: Manifest | ImageIndex): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}

function withType(descriptor: Descriptor, format: ImageFormat | undefined): Descriptor {
  return { ...descriptor, mediaType: typeIn(descriptor.mediaType, format) };
}

function typeIn(mediaType: string, format: ImageFormat | undefined): string {
  if (format === undefined) return mediaType;
  if (format === "oci") return TO_OCI[mediaType] ?? mediaType;
  const isDockers = mediaType in TO_OCI || isForeignLayer(mediaType);
  const converted = TO_DOCKER[mediaType] ?? (isDockers ? mediaType : undefined);
  if (converted !== undefined) return converted;
  throw new InputError(`Cannot convert an image to v2s2: that format has no "${mediaType}"`, {
    hint: "Use --format oci, or pack its layers with --dest-compress-format gzip",
  });
}
