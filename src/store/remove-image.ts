import { join } from "node:path";

import { InputError } from "../base/error.ts";
import type { Digest } from "../oci/digest.ts";
import type { ImageIndex } from "../oci/manifest.ts";
import type { FoundImage } from "./find-image.ts";
import { imageContent, withoutOrphans } from "./image-graph.ts";
import { storedImages, subjectOf, withoutImages, withoutName } from "./image-names.ts";
import type { IndexChange } from "./index-file.ts";
import { pruneLayerRecords } from "./layer-records.ts";
import { blobFile } from "./layout.ts";
import { removeStale, type Lease } from "./leases.ts";
import { removePartials } from "./partial-blob.ts";
import { except, isInUse, sweep } from "./sweep.ts";

export interface RemoveOptions {
  /** Removes an image that was found by its ID although it has several names. */
  readonly allNames?: boolean;
}

export interface RemovedContent {
  readonly untagged: readonly string[];
  readonly removed: readonly Digest[];
  readonly freedBytes: number;
}

interface StoreParts {
  readonly root: string;
  readonly lease: Lease;
}

/** Takes a name or a whole image out of the index, then the content that only this image had. */
export async function removeImage(
  { root, lease }: StoreParts,
  index: ImageIndex,
  { found, allNames = false }: RemoveOptions & { readonly found: FoundImage },
): Promise<IndexChange<RemovedContent>> {
  const { descriptor, name } = found;
  const names = storedImages(index).find((image) => image.descriptor.digest === descriptor.digest)?.names ?? [];
  if (name !== undefined && names.length > 1) {
    return { index: withoutName(index, name), finish: async () => ({ untagged: [name], removed: [], freedBytes: 0 }) };
  }
  if (names.length > 1 && !allNames) {
    throw new InputError(`Cannot remove image ${descriptor.digest}: it has the names ${names.join(", ")}`, {
      hint: "Remove it by its names, or use --force",
    });
  }
  const after = await withoutOrphans(root, withoutImages(index, new Set([descriptor.digest])));
  const orphans = index.manifests.filter((entry) => subjectOf(entry) !== undefined && !after.manifests.includes(entry));
  const gone = await imageContent(root, [descriptor, ...orphans]);
  return {
    index: after,
    finish: async () => {
      const garbage = except(await imageContent(root, after.manifests));
      const swept = await sweep(root, lease, {
        blob: (digest) => gone.digests.has(digest) && garbage.blob(digest),
        diffId: (hex) => gone.diffIds.has(hex) && garbage.diffId(hex),
      });
      return { untagged: names, ...swept };
    },
  };
}

/** Takes images without a name out of the index, except those of `kept`, then all content that no image has. */
export async function pruneImages(
  { root, lease }: StoreParts,
  index: ImageIndex,
  kept: ReadonlySet<Digest>,
): Promise<IndexChange<RemovedContent>> {
  const unnamed = new Set<Digest>();
  for (const { descriptor, names } of storedImages(index)) {
    if (
      names.length > 0 ||
      kept.has(descriptor.digest) ||
      (await isInUse(join(root, blobFile(descriptor.digest)), lease))
    )
      continue;
    unnamed.add(descriptor.digest);
  }
  const after = await withoutOrphans(root, unnamed.size === 0 ? index : withoutImages(index, unnamed));
  return {
    index: after,
    finish: async () => {
      const swept = await sweep(root, lease, except(await imageContent(root, after.manifests)));
      await pruneLayerRecords(root);
      const leftBytes = (await removeStale(root)) + (await removePartials(root));
      return { untagged: [], removed: swept.removed, freedBytes: swept.freedBytes + leftBytes };
    },
  };
}
