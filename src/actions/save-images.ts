import { stat } from "node:fs/promises";
import { resolve } from "node:path";

import { writeFileAtomic } from "../base/atomic-file.ts";
import { counted, type Bytes } from "../base/bytes.ts";
import { mapLimit } from "../base/concurrency.ts";
import { runTask, type Context } from "../base/context.ts";
import { writing } from "../base/disk-error.ts";
import { InputError } from "../base/error.ts";
import { renderSize } from "../base/text.ts";
import { copyGraph } from "../oci/copy-graph.ts";
import { copyReferrers } from "../oci/referrers.ts";
import type { FoundImage } from "../store/find-image.ts";
import { saveArchive } from "../store/save-archive.ts";
import { archiveEntries, type ArchiveFormat } from "../store/transport/archive-entries.ts";
import { writeParts } from "../store/transport/archive-parts.ts";
import { streamArchive } from "../store/transport/archive-stream.ts";
import { DirFolder } from "../store/transport/dir-folder.ts";
import { LayoutFolder } from "../store/transport/layout-folder.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { compress } from "./repack-layer.ts";

export type SaveFormat = ArchiveFormat | "oci-dir" | "docker-dir";

export interface SaveRequest {
  readonly names: readonly string[];
  /** A path, or whoever takes the archive as a stream. */
  readonly destination: string | ((content: Bytes) => Promise<void>);
  /** Default: oci-archive. */
  readonly format?: SaveFormat;
  /** Of the whole archive; the layers stay as they are. */
  readonly compression?: "gzip" | "zstd" | undefined;
  /** An archive that is larger is written in parts of this size. */
  readonly partBytes?: number | undefined;
  /** Whether what is said about the images goes there too; default true. */
  readonly referrers?: boolean;
}

export interface SavedArchive {
  readonly sizeBytes: number;
  /** Names in the archive. */
  readonly names: readonly string[];
  /** Files, when there are several. */
  readonly parts: readonly string[];
}

/** Writes images of the store into one archive or folder. The same images give the same bytes. */
export async function saveImages(
  ctx: Context,
  { store }: ImageEnvironment,
  request: SaveRequest,
): Promise<SavedArchive> {
  const { destination, format = "oci-archive" } = request;
  const isFolder = format === "oci-dir" || format === "docker-dir";
  if (typeof destination === "string" && !isFolder) await requireNoFolder(destination);
  const images = await mapLimit(ctx, { items: request.names, limit: 4 }, (inner, name) => store.find(inner, name));
  const title = `Save to ${typeof destination === "string" ? destination : "standard output"}`;
  return runTask(ctx, title, async (inner) => {
    const names = images.flatMap(({ name }) => name ?? []);
    if (isFolder) return { names, ...(await saveFolder(inner, { store, images }, { ...request, format })) };
    const saved = await saveFile(inner, { store, images }, { ...request, format });
    inner.progress.note(renderSize(saved.sizeBytes));
    return { names, ...saved };
  });
}

type Saved = Omit<SavedArchive, "names">;

interface Selection {
  readonly store: ImageEnvironment["store"];
  readonly images: readonly FoundImage[];
}

async function saveFile(
  ctx: Context,
  { store, images }: Selection,
  { destination, format, compression, partBytes, referrers = true }: SaveRequest & { format: ArchiveFormat },
): Promise<Saved> {
  const isPlain = compression === undefined && partBytes === undefined;
  if (typeof destination === "string" && isPlain) {
    const path = resolve(destination);
    const sizeBytes = await saveArchive(ctx, store, { images, destination: path, format, referrers });
    return { sizeBytes, parts: [] };
  }
  const entries = await archiveEntries(ctx, store, { images, format, referrers });
  let sizeBytes = 0;
  const tar = streamArchive(ctx, store, entries);
  const content = counted(compression ? compress(tar, compression) : tar, (size) => (sizeBytes = size));
  if (typeof destination !== "string") {
    await destination(content);
    return { sizeBytes, parts: [] };
  }
  const path = resolve(destination);
  if (partBytes === undefined) {
    await writing(path, () => writeFileAtomic(path, content));
    return { sizeBytes, parts: [] };
  }
  const { parts } = await writeParts(ctx, content, { path, partBytes });
  return { sizeBytes, parts: parts.map(({ name }) => name) };
}

async function saveFolder(
  ctx: Context,
  { store, images }: Selection,
  { destination, format, compression, partBytes, referrers = true }: SaveRequest & { format: SaveFormat },
): Promise<Saved> {
  if (typeof destination !== "string" || compression !== undefined || partBytes !== undefined) {
    throw new InputError(`Cannot save as ${format}: a folder is neither a stream, nor packed, nor in parts`, {
      hint: "Use --format oci-archive",
    });
  }
  const path = resolve(destination);
  if (format === "docker-dir" && images.length > 1) {
    throw new InputError(`Cannot save ${images.length} images as docker-dir: it holds one`, {
      hint: "Use --format oci-dir",
    });
  }
  const to = format === "oci-dir" ? await LayoutFolder.create(path) : new DirFolder(path);
  for (const { descriptor, name } of images) {
    await copyGraph(ctx, { from: store, to, root: descriptor });
    if (referrers && to instanceof LayoutFolder) await copyReferrers(ctx, { from: store, to, root: descriptor });
    await (to instanceof LayoutFolder ? to.tag(ctx, descriptor, name) : to.tag(ctx, descriptor));
  }
  return { sizeBytes: images.reduce((sum, { descriptor }) => sum + descriptor.size, 0), parts: [] };
}

async function requireNoFolder(path: string): Promise<void> {
  if (!(await stat(path).catch(() => undefined))?.isDirectory()) return;
  throw new InputError(`Cannot save to "${path}": it is a folder`, {
    hint: "Name a file, such as images.tar, or use --format oci-dir",
  });
}
