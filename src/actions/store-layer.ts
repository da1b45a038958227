import { rm } from "node:fs/promises";

import { writeLayer } from "../archive/layer-writer.ts";
import type { LayerEntry } from "../archive/tar-entry.ts";
import type { Context } from "../base/context.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { parseDigest, type Digest } from "../oci/digest.ts";
import { layerMediaType } from "../oci/media-type.ts";
import type { ImageStore } from "../store/image-store.ts";

export interface StoredLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

/** Puts a layer with these files into the store, uncompressed. */
export async function storeLayer(ctx: Context, store: ImageStore, entries: Iterable<LayerEntry>): Promise<StoredLayer> {
  const destination = store.createTemporary();
  try {
    const { sha256, size } = await writeLayer(ctx, entries, { destination, compression: "none" });
    const digest = parseDigest(`sha256:${sha256}`);
    const descriptor = { mediaType: layerMediaType("none"), digest, size };
    await store.adopt(ctx, destination, descriptor);
    return { descriptor, diffId: digest };
  } finally {
    await rm(destination, { force: true });
  }
}
