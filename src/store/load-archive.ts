import { open, rm } from "node:fs/promises";

import { detectCompression, MAGIC_BYTES } from "../archive/compression.ts";
import { decompressDetected } from "../archive/decompress.ts";
import { fileChunks } from "../archive/file-chunks.ts";
import { OutputFile } from "../archive/output-file.ts";
import { indexTar } from "../archive/tar-index.ts";
import type { FileContent } from "../archive/tar-entry.ts";
import { collect, type Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import { writing } from "../base/disk-error.ts";
import { InputError, NotFoundError, systemCode } from "../base/error.ts";
import type { Fetcher } from "../oci/content.ts";
import { copyGraph } from "../oci/copy-graph.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { IntegrityError } from "../oci/errors.ts";
import { MANIFEST_LIMIT_BYTES } from "../oci/manifest.ts";
import { namedEntry } from "./image-names.ts";
import type { ImageStore } from "./image-store.ts";
import { blobFile, INDEX_FILE, LAYOUT_FILE, parseIndexFile } from "./layout.ts";

export interface LoadedImage {
  readonly descriptor: Descriptor;
  /** Canonical; absent when the archive gives the image no full name. It is then found by its ID. */
  readonly name: string | undefined;
}

/**
 * Puts the images of an `oci-archive` into the store; it may be compressed, and written by any OCI tool. Content that
 * the store has is not read again, the rest is verified.
 * @param archive a path, or a stream such as standard input.
 * @throws {InputError} when it is not such an archive, {IntegrityError} when it is damaged.
 */
export async function loadArchive(ctx: Context, store: ImageStore, archive: string | Bytes): Promise<LoadedImage[]> {
  if (typeof archive !== "string") return loadUnpacked(ctx, store, { name: "standard input", content: archive });
  const size = await sizeOf(archive);
  const content = { path: archive, offset: 0, length: size };
  const head = await collect(fileChunks(ctx, { ...content, length: Math.min(size, MAGIC_BYTES) }), MAGIC_BYTES);
  if (detectCompression(head) === "none") return loadTar(ctx, store, { name: archive, path: archive });
  return loadUnpacked(ctx, store, { name: archive, content: fileChunks(ctx, content) });
}

interface Archive {
  /** For people. */
  readonly name: string;
  readonly path: string;
}

async function loadUnpacked(
  ctx: Context,
  store: ImageStore,
  { name, content }: { name: string; content: Bytes },
): Promise<LoadedImage[]> {
  const path = store.createTemporary();
  try {
    await writing(path, async () => {
      const output = new OutputFile(path);
      try {
        for await (const chunk of decompressDetected(content)) {
          ctx.signal.throwIfAborted();
          output.write(chunk);
        }
      } finally {
        output.close();
      }
    });
    return await loadTar(ctx, store, { name, path });
  } finally {
    await rm(path, { force: true });
  }
}

async function loadTar(ctx: Context, store: ImageStore, archive: Archive): Promise<LoadedImage[]> {
  try {
    return await loadImages(ctx, store, archive);
  } catch (error) {
    throw withName(archive, error);
  }
}

/** What readers say about an archive or its blobs does not say which archive it is. */
function withName({ name }: Archive, error: unknown): unknown {
  const details = { hint: "Save or download the archive again", cause: error };
  if (error instanceof IntegrityError) return new IntegrityError(`Cannot load "${name}": ${error.message}`, details);
  if (!(error instanceof InputError) || error.message.startsWith("Cannot load")) return error;
  return new InputError(`Cannot load "${name}": ${error.message}`, details);
}

async function loadImages(ctx: Context, store: ImageStore, archive: Archive): Promise<LoadedImage[]> {
  const files = await findFiles(ctx, archive);
  const index = parseIndexFile(await collect(fileChunks(ctx, indexOf(archive, files)), MANIFEST_LIMIT_BYTES));
  const from = archiveFetcher(archive, files);
  const loaded: LoadedImage[] = [];
  for (const entry of index.manifests) {
    const { descriptor, name } = namedEntry(entry);
    await copyGraph(ctx, { from, to: store, root: descriptor });
    if (name === undefined) await store.keep(ctx, descriptor);
    else await store.tag(ctx, descriptor, name);
    loaded.push({ descriptor, name });
  }
  return loaded;
}

async function findFiles(ctx: Context, { path }: Archive): Promise<ReadonlyMap<string, FileContent>> {
  const entries = await indexTar(ctx, path, { hash: false });
  return new Map(
    entries
      .filter(({ entry }) => entry.type === "file")
      .map(({ entry, offset }) => [entry.path, { path, offset, length: entry.size }]),
  );
}

function indexOf({ name }: Archive, files: ReadonlyMap<string, FileContent>): FileContent {
  const index = files.get(INDEX_FILE);
  if (index && files.has(LAYOUT_FILE)) return index;
  const isDocker = files.has("manifest.json");
  throw new InputError(
    `Cannot load "${name}": it is ${isDocker ? "a docker-archive" : "not an image archive"}, wanted oci-archive`,
    {
      hint: isDocker
        ? "Convert it: skopeo copy docker-archive:FILE oci-archive:NEW"
        : "Save the image with `sealos save` or `skopeo copy … oci-archive:FILE`",
    },
  );
}

function archiveFetcher({ name }: Archive, files: ReadonlyMap<string, FileContent>): Fetcher {
  return {
    async fetch(ctx, { digest }) {
      const file = files.get(blobFile(digest));
      if (file) return fileChunks(ctx, file);
      throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot load "${name}": the archive lacks ${digest}`, {
        hint: "Save the image again",
      });
    },
  };
}

async function sizeOf(path: string): Promise<number> {
  try {
    const file = await open(path);
    try {
      return (await file.stat()).size;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    throw new InputError(`Cannot load "${path}": there is no such file`, { hint: "Check the path", cause: error });
  }
}
