import { rm, stat } from "node:fs/promises";
import { posix } from "node:path";

import { detectCompression, MAGIC_BYTES } from "../../archive/compression.ts";
import { decompressDetected } from "../../archive/decompress.ts";
import { fileChunks } from "../../archive/file-chunks.ts";
import { OutputFile } from "../../archive/output-file.ts";
import type { FileContent } from "../../archive/tar-entry.ts";
import { indexTar } from "../../archive/tar-index.ts";
import { collect, type Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { writing } from "../../base/disk-error.ts";
import { InputError, systemCode } from "../../base/error.ts";

/** The files of a tar archive, to be read in any order. Disposing of it removes what was unpacked for that. */
export interface TarFiles extends AsyncDisposable {
  /** For people. */
  readonly name: string;
  /** By path; a link stands for what it leads to. */
  readonly files: ReadonlyMap<string, FileContent>;
}

interface TarSource {
  /** For people. */
  readonly name: string;
  /** A path, or a stream. */
  readonly archive: string | Bytes;
  /** Where a stream or a compressed archive is unpacked to. */
  readonly createTemporary: () => string;
}

/** @throws {InputError} when it is no tar archive. */
export async function openTarFiles(ctx: Context, { name, archive, createTemporary }: TarSource): Promise<TarFiles> {
  if (typeof archive !== "string") return unpack(ctx, { name, content: archive, path: createTemporary() });
  const content = { path: archive, offset: 0, length: await sizeOf(archive) };
  if ((await compressionOf(ctx, content)) === "none") return openPlain(ctx, { name, path: archive });
  return unpack(ctx, { name, content: fileChunks(ctx, content), path: createTemporary() });
}

/** How a part of a file is packed, as its first bytes say. */
export async function compressionOf(ctx: Context, content: FileContent): Promise<ReturnType<typeof detectCompression>> {
  const head = { ...content, length: Math.min(content.length, MAGIC_BYTES) };
  return detectCompression(await collect(fileChunks(ctx, head), MAGIC_BYTES));
}

async function unpack(
  ctx: Context,
  { name, content, path }: { name: string; content: Bytes; path: string },
): Promise<TarFiles> {
  try {
    await writing(path, () => writeUnpacked(ctx, content, path));
    return { ...(await openPlain(ctx, { name, path })), [Symbol.asyncDispose]: () => rm(path, { force: true }) };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

async function writeUnpacked(ctx: Context, content: Bytes, path: string): Promise<void> {
  const output = new OutputFile(path);
  try {
    for await (const chunk of decompressDetected(content)) {
      ctx.signal.throwIfAborted();
      output.write(chunk);
    }
  } finally {
    output.close();
  }
}

async function openPlain(ctx: Context, { name, path }: { name: string; path: string }): Promise<TarFiles> {
  const files = new Map<string, FileContent>();
  const links: { readonly from: string; readonly to: string }[] = [];
  for (const { entry, offset } of await indexTar(ctx, path, { hash: false })) {
    if (entry.type === "file") files.set(entry.path, { path, offset, length: entry.size });
    const target = entry.linkTarget ?? "";
    if (entry.type === "hardlink") links.push({ from: entry.path, to: target });
    if (entry.type === "symlink") links.push({ from: entry.path, to: posix.join(posix.dirname(entry.path), target) });
  }
  for (const { from, to } of links) {
    const content = files.get(to);
    if (content) files.set(from, content);
  }
  return { name, files, [Symbol.asyncDispose]: async () => {} };
}

async function sizeOf(path: string): Promise<number> {
  try {
    const found = await stat(path);
    if (found.isFile()) return found.size;
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    throw new InputError(`Cannot read "${path}": there is no such file`, { hint: "Check the path", cause: error });
  }
  throw new InputError(`Cannot read "${path}": it is not a file`, { hint: "Name an archive" });
}
