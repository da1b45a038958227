import { rename, rm } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";

import { OutputFile } from "../archive/output-file.ts";
import type { Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import { writing } from "../base/disk-error.ts";
import type { ImageStore } from "./image-store.ts";
import { archiveEntries, type ArchiveFormat, type SavedImage } from "./transport/archive-entries.ts";
import { streamArchive } from "./transport/archive-stream.ts";

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
    const size = await writing(destination, () => writeFile(streamArchive(ctx, store, entries), temporary));
    await rename(temporary, destination);
    return size;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeFile(content: Bytes, path: string): Promise<number> {
  const output = new OutputFile(path);
  try {
    for await (const chunk of content) output.write(chunk);
    return output.size;
  } finally {
    output.close();
  }
}
