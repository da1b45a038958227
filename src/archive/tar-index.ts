import { createHash, hash } from "node:crypto";
import { stat } from "node:fs/promises";

import type { Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import { fileChunks } from "./file-chunks.ts";
import { SLAB_BYTES } from "./hash-ring.ts";
import type { TarEntry } from "./tar-entry.ts";
import { readTar, type TarMember } from "./tar-reader.ts";

/** A member and where its content is, so that it can be read without the archive's other parts. */
export interface IndexedEntry {
  readonly entry: TarEntry;
  /** Of its content in the uncompressed archive, in bytes. */
  readonly offset: number;
  /** Of a file's content, in hex digits. */
  readonly sha256?: string;
}

export interface IndexOptions {
  /** Whether the content of each file is hashed; default true. */
  readonly hash?: boolean;
}

/** The members of an uncompressed tar file, in its order. @throws as `readTar` does. */
export async function indexTar(ctx: Context, path: string, options: IndexOptions = {}): Promise<IndexedEntry[]> {
  const { size } = await stat(path);
  const buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  return indexMembers(
    fileChunks(ctx, { path, offset: 0, length: size }, () => buffer),
    options,
  );
}

/** The same of a tar stream on its way. */
export async function indexMembers(archive: Bytes, options: IndexOptions = {}): Promise<IndexedEntry[]> {
  const entries: IndexedEntry[] = [];
  for await (const { entry, offset, content } of readTar(archive)) {
    const digest =
      options.hash !== false && entry.type === "file" ? { sha256: await sha256Of(content, entry.size) } : {};
    entries.push({ entry, offset, ...digest });
  }
  return entries;
}

async function sha256Of(content: TarMember["content"], size: number): Promise<string> {
  const digest = createHash("sha256");
  for await (const chunk of content) {
    if (chunk.byteLength === size) return hash("sha256", chunk, "hex"); // half the time for a small file
    digest.update(chunk);
  }
  return digest.digest("hex");
}
