import { open } from "node:fs/promises";

import { findWhiteout } from "../archive/whiteout.ts";
import { mapLimit } from "../base/concurrency.ts";
import type { Context } from "../base/context.ts";
import { InputError } from "../base/error.ts";
import { printable } from "../base/text.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { parseImageConfig, type ImageConfig } from "../oci/image-config.ts";
import { isImageIndex, parseManifest, type Manifest } from "../oci/manifest.ts";
import { fetchDocument } from "../oci/verify.ts";
import type { ImageStore } from "./image-store.ts";
import { uniteLayers, type ImageTree, type TreeFile } from "./image-tree.ts";
import { openLayer, type LayerIdentity } from "./layer-cache.ts";

/** An image's files and where their content is on this machine. */
export interface ImageFiles extends ImageTree {
  readonly manifest: Manifest;
  readonly config: ImageConfig;
}

/**
 * Opens what an image's layers make together, every blob verified when it is seen for the first time. Opening an image
 * again costs milliseconds.
 * @param manifest of one platform.
 */
export async function openImageFiles(ctx: Context, store: ImageStore, manifest: Descriptor): Promise<ImageFiles> {
  const document = parseManifest(await fetchDocument(ctx, store, manifest), manifest.mediaType);
  if (isImageIndex(document))
    throw new InputError(`Cannot open ${manifest.digest}: it is an index of several platforms`);
  const config = parseImageConfig(await fetchDocument(ctx, store, document.config));
  const items = layersOf(manifest, document, config);
  const layers = await mapLimit(ctx, { items, limit: 2 }, (inner, layer) => openLayer(inner, store, layer));
  return { manifest: document, config, ...uniteLayers(layers) };
}

/** True when a layer of the image takes away files of layers below it. */
export async function hasWhiteouts(ctx: Context, store: ImageStore, image: ImageFiles): Promise<boolean> {
  for (const layer of pairLayers(image.manifest, image.config)) {
    const { members } = await openLayer(ctx, store, layer);
    if (members.some(({ path }) => findWhiteout(path) !== undefined)) return true;
  }
  return false;
}

/** Reads a small file of an image. @throws {InputError} when it has more than `limitBytes`. */
export async function readTreeFile(ctx: Context, file: TreeFile, limitBytes: number): Promise<Buffer> {
  ctx.signal.throwIfAborted();
  const { path, offset, length } = file.content;
  if (length > limitBytes) {
    throw new InputError(
      `Cannot read "${printable(file.path)}": it has ${length} bytes, at most ${limitBytes} are wanted`,
    );
  }
  const handle = await open(path);
  try {
    const buffer = Buffer.alloc(length);
    await handle.read(buffer, 0, length, offset);
    return buffer;
  } finally {
    await handle.close();
  }
}

function layersOf({ digest }: Descriptor, { layers }: Manifest, { rootfs }: ImageConfig): LayerIdentity[] {
  const diffIds = rootfs.diff_ids;
  if (!Array.isArray(diffIds) || diffIds.length !== layers.length) {
    throw new InputError(
      `Cannot open image ${digest}: it has ${layers.length} layers and ${diffIds?.length ?? 0} diff IDs`,
    );
  }
  return pairLayers({ layers }, { rootfs });
}

function pairLayers({ layers }: Pick<Manifest, "layers">, { rootfs }: Pick<ImageConfig, "rootfs">): LayerIdentity[] {
  return layers.flatMap((layer, index) => {
    const diffId = rootfs.diff_ids[index];
    return diffId === undefined ? [] : [{ layer, diffId }];
  });
}
