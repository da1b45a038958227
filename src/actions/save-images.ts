import { stat } from "node:fs/promises";
import { resolve } from "node:path";

import { mapLimit } from "../base/concurrency.ts";
import { runTask, type Context } from "../base/context.ts";
import { InputError } from "../base/error.ts";
import { renderSize } from "../base/text.ts";
import { saveArchive } from "../store/save-archive.ts";
import type { ImageEnvironment } from "./image-environment.ts";

export interface SavedArchive {
  readonly path: string;
  readonly sizeBytes: number;
  /** Names in the archive. */
  readonly names: readonly string[];
}

/** Writes images of the store into one archive that any OCI tool reads as `oci-archive`. */
export async function saveImages(
  ctx: Context,
  { store }: ImageEnvironment,
  { names, destination }: { names: readonly string[]; destination: string },
): Promise<SavedArchive> {
  const path = resolve(destination);
  if ((await stat(path).catch(() => undefined))?.isDirectory()) {
    throw new InputError(`Cannot save to "${destination}": it is a folder`, {
      hint: "Name a file, such as images.tar",
    });
  }
  const images = await mapLimit(ctx, { items: names, limit: 4 }, (inner, name) => store.find(inner, name));
  const sizeBytes = await runTask(ctx, `Save to ${destination}`, async (inner) => {
    const size = await saveArchive(inner, store, { images, destination: path });
    inner.progress.note(renderSize(size));
    return size;
  });
  return { path, sizeBytes, names: images.flatMap(({ name }) => name ?? []) };
}
