import { createReadStream } from "node:fs";
import { lstat, readlink } from "node:fs/promises";
import { posix } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

import { fileChunks } from "../../archive/file-chunks.ts";
import { decodePath, toSystemPath } from "../../archive/path-bytes.ts";
import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { InputError } from "../../base/error.ts";

const LINK_LIMIT = 40;

/** A part of the tar file that a layer came in. */
type Piece =
  | { readonly kind: "bytes"; readonly content: Buffer }
  | { readonly kind: "file"; readonly path: string; readonly size: number };

/**
 * The tar file that a layer came in, put together again: what is between its files was kept aside when it was
 * unpacked, https://github.com/vbatts/tar-split/blob/v0.11.5/tar/storage/entry.go.
 * @param split the file that has what was kept. @param folder where the layer's files are.
 */
export async function* assembleTar(ctx: Context, { split, folder }: { split: string; folder: string }): Bytes {
  for await (const piece of readPieces(split)) {
    ctx.signal.throwIfAborted();
    if (piece.kind === "bytes") yield piece.content;
    else yield* fileChunks(ctx, { path: await resolveInside(folder, piece.path), offset: 0, length: piece.size });
  }
}

/** The size of that tar file in bytes. */
export async function measureTar(split: string): Promise<number> {
  let size = 0;
  for await (const piece of readPieces(split)) size += piece.kind === "bytes" ? piece.content.byteLength : piece.size;
  return size;
}

async function* readPieces(split: string): AsyncGenerator<Piece> {
  const unpacked = createReadStream(split).pipe(createGunzip());
  try {
    for await (const line of createInterface({ input: Readable.from(unpacked), crlfDelay: Infinity })) {
      const piece = line === "" ? undefined : parsePiece(split, line);
      if (piece) yield piece;
    }
  } finally {
    unpacked.destroy();
  }
}

/** @returns undefined for a member without content. */
export function parsePiece(split: string, line: string): Piece | undefined {
  const entry: unknown = JSON.parse(line);
  if (typeof entry !== "object" || entry === null) throw new InputError(`Cannot read "${split}": a line is no object`);
  const { type, name, name_raw, size, payload } = entry as { [key: string]: unknown };
  if (type === 2 && typeof payload === "string") return { kind: "bytes", content: Buffer.from(payload, "base64") };
  if (type !== 1) throw new InputError(`Cannot read "${split}": a line is of an unknown kind`);
  if (typeof size !== "number" || size === 0) return undefined;
  const raw = typeof name_raw === "string" ? decodePath(Buffer.from(name_raw, "base64")) : undefined;
  const path = typeof name === "string" && name !== "" ? name : raw;
  if (path === undefined) throw new InputError(`Cannot read "${split}": a file has no name`);
  return { kind: "file", path, size };
}

/** Follows links as a process would for which `folder` is the root: they never lead out of it. */
async function resolveInside(folder: string, path: string): Promise<string> {
  const rest = path.split("/").toReversed();
  let resolved = "/";
  for (let links = 0; rest.length > 0;) {
    const part = rest.pop() ?? "";
    if (part === "" || part === ".") continue;
    const next = posix.join(resolved, part);
    const target = part === ".." ? undefined : await findLink(folder + next);
    if (target === undefined) resolved = next;
    else if (++links > LINK_LIMIT)
      throw new InputError(`Cannot read "${folder}": the links at "${path}" form a circle`);
    else {
      if (target.startsWith("/")) resolved = "/";
      rest.push(...target.split("/").toReversed());
    }
  }
  return folder + resolved;
}

async function findLink(path: string): Promise<string | undefined> {
  const system = toSystemPath(path);
  return (await lstat(system)).isSymbolicLink() ? readlink(system) : undefined;
}
