import { writeLayer } from "../../src/archive/layer-writer.ts";
import type { LayerCompression } from "../../src/archive/compression.ts";
import type { LayerEntry } from "../../src/archive/tar-entry.ts";
import { bytesOf } from "../../src/base/bytes.ts";
import type { Context } from "../../src/base/context.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { digestOf, parseDigest } from "../../src/oci/digest.ts";
import { layerMediaType, MEDIA_TYPES } from "../../src/oci/media-type.ts";
import type { ImageStore } from "../../src/store/image-store.ts";

export interface TestImage {
  readonly manifest: Descriptor;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** Puts an image with these layers into the store, without a name. */
export async function addImage(
  ctx: Context,
  store: ImageStore,
  layers: readonly (readonly LayerEntry[])[],
  compression: LayerCompression = "none",
): Promise<TestImage> {
  const descriptors: Descriptor[] = [];
  const diffIds: string[] = [];
  for (const entries of layers) {
    const destination = store.createTemporary();
    const { sha256, size, diffSha256 } = await writeLayer(ctx, entries, { destination, compression });
    const layer = { mediaType: layerMediaType(compression), digest: parseDigest(`sha256:${sha256}`), size };
    await store.adopt(ctx, destination, layer);
    descriptors.push(layer);
    diffIds.push(`sha256:${diffSha256}`);
  }
  const rootfs = { type: "layers", diff_ids: diffIds };
  const config = await addDocument(ctx, store, MEDIA_TYPES.ociConfig, { architecture: "amd64", os: "linux", rootfs });
  const manifest = await addDocument(ctx, store, MEDIA_TYPES.ociManifest, {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config,
    layers: descriptors,
  });
  return { manifest, config, layers: descriptors };
}

export async function addDocument(
  ctx: Context,
  store: ImageStore,
  mediaType: string,
  document: object,
): Promise<Descriptor> {
  const content = Buffer.from(JSON.stringify(document));
  const descriptor = { mediaType, digest: digestOf(content), size: content.byteLength };
  await store.push(ctx, descriptor, bytesOf(content));
  return descriptor;
}
