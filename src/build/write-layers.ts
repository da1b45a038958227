import { lstatSync } from "node:fs";
import { rm } from "node:fs/promises";

import { ChangedFileError } from "../archive/errors.ts";
import { toSystemPath } from "../archive/path-bytes.ts";
import { writeLayer } from "../archive/layer-writer.ts";
import type { LayerEntry } from "../archive/tar-entry.ts";
import { mapLimit } from "../base/concurrency.ts";
import { runTask, type Context } from "../base/context.ts";
import { InputError, systemCode } from "../base/error.ts";
import { renderSize } from "../base/text.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { parseDigest, type Digest } from "../oci/digest.ts";
import { layerMediaType, type Compression } from "../oci/media-type.ts";
import type { ImageStore } from "../store/image-store.ts";
import { isLocalContent } from "./context/local-tree.ts";
import type { StageLayer } from "./stage.ts";

/** A layer of a finished image. */
export interface BuiltLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

/** Hashing keeps one core busy for each layer that is written. */
const LAYERS_AT_ONCE = 2;

/** Writes the layers that are not in the store yet, each in one pass from its sources. */
export async function writeLayers(
  ctx: Context,
  store: ImageStore,
  { layers, compression }: { layers: readonly StageLayer[]; compression: Compression },
): Promise<readonly BuiltLayer[]> {
  return mapLimit(ctx, { items: layers, limit: LAYERS_AT_ONCE }, async (inner, layer) => {
    if (layer.kind === "stored") return layer;
    return runTask(inner, layer.title, (task) => writePlanned(task, store, { entries: layer.entries, compression }));
  });
}

async function writePlanned(
  ctx: Context,
  store: ImageStore,
  { entries, compression }: { entries: readonly LayerEntry[]; compression: Compression },
): Promise<BuiltLayer> {
  const destination = store.createTemporary();
  try {
    const { sha256, size, diffSha256 } = await writeLayer(ctx, entries, { destination, compression });
    for (const entry of entries) checkUnchanged(entry);
    const descriptor = { mediaType: layerMediaType(compression), digest: parseDigest(`sha256:${sha256}`), size };
    await store.adopt(ctx, destination, descriptor);
    ctx.progress.note(`${entries.length} entries, ${renderSize(size)}`);
    return { descriptor, diffId: parseDigest(`sha256:${diffSha256}`) };
  } catch (error) {
    throw asReadError(error, destination);
  } finally {
    await rm(destination, { force: true });
  }
}

/** What the system says of a file that cannot be opened is the user's to mend. */
function asReadError(error: unknown, destination: string): unknown {
  if (systemCode(error) === undefined || !(error instanceof Error) || !("path" in error)) return error;
  const { path } = error;
  if (typeof path !== "string" || path === destination) return error;
  return new InputError(`Cannot read "${path}": ${error.message}`, {
    hint: "Make the file readable, or exclude it in .containerignore",
    cause: error,
  });
}

/** A file may have been replaced, or have grown, between being found and being opened. */
function checkUnchanged({ content }: LayerEntry): void {
  if (content === undefined || !isLocalContent(content)) return;
  const stats = lstatSync(toSystemPath(content.path), { throwIfNoEntry: false });
  const isSame =
    stats?.size === content.fileSize && stats.mtimeMs === content.modifiedMs && stats.ino === content.inode;
  if (!isSame) throw new ChangedFileError(content.path, "it changed during the build");
}
