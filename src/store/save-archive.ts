import { rename, rm } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";

import { ChangedFileError } from "../archive/errors.ts";
import type { LayerEntry } from "../archive/tar-entry.ts";
import { writeTar } from "../archive/tar-file.ts";
import type { Context } from "../base/context.ts";
import { discardDamaged } from "./damage.ts";
import { findDigest } from "./layout.ts";
import type { ImageStore } from "./image-store.ts";
import { archiveEntries, type ArchiveFormat, type SavedImage } from "./transport/archive-entries.ts";

interface SaveRequest {
  readonly images: readonly SavedImage[];
  readonly destination: string;
  /** Default: oci-archive. */
  readonly format?: ArchiveFormat;
  /** Whether what is said about the images goes there too; default true. */
  readonly referrers?: boolean;
}

/**
 * Writes images into one archive that any tool of its format reads. Every blob is verified on its way; the file appears
 * under its name when it is complete. The same images give the same bytes.
 * @returns the size of the file in bytes.
 */
export async function saveArchive(
  ctx: Context,
  store: ImageStore,
  { images, destination, format = "oci-archive", referrers = true }: SaveRequest,
): Promise<number> {
  const temporary = join(dirname(destination), `.${basename(destination)}.${randomBytes(6).toString("hex")}.tmp`);
  const entries = await archiveEntries(ctx, store, { images, format, referrers });
  try {
    const size = await writeTar(ctx, entries, temporary);
    await rename(temporary, destination);
    return size;
  } catch (error) {
    throw await describeDamage(store, entries, error);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** The error that says which image is damaged, when one of the store's blobs is. */
export async function describeDamage(
  store: ImageStore,
  entries: readonly LayerEntry[],
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof ChangedFileError)) return error;
  const damaged = entries.find(({ content }) => content && "path" in content && content.path === error.path);
  const digest = damaged && findDigest(damaged.entry.path);
  return digest ? discardDamaged(store.root, { digest }, error) : error;
}
