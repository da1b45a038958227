import { pipeline, type Duplex } from "node:stream";
import { constants, createGunzip, createZstdDecompress } from "node:zlib";

import type { Bytes } from "../base/bytes.ts";
import { assertNever, InputError, messageOf, systemCode } from "../base/error.ts";
import { ByteReader } from "./byte-reader.ts";
import { detectCompression, MAGIC_BYTES, type Compression } from "./compression.ts";
import { unpackByProgram } from "./unpack-by-program.ts";
import { splitFrames } from "./zstd-frames.ts";

const CHUNK_BYTES = 1024 * 1024; // zlib's own 16 KiB take 1.7 times as long
const ZSTD_OPTIONS = { chunkSize: CHUNK_BYTES, params: { [constants.ZSTD_d_windowLogMax]: 27 } };

/** @throws {InputError} while streaming, when the content is damaged; errors of its source pass unchanged. */
export function decompress(content: Bytes, compression: Compression): Bytes {
  switch (compression) {
    case "none":
      return content;
    case "gzip":
      return through(content, createGunzip({ chunkSize: CHUNK_BYTES }), compression);
    case "zstd":
      return through(splitFrames(content), createZstdDecompress(ZSTD_OPTIONS), compression);
    case "bzip2":
    case "xz":
      return unpackByProgram(content, compression);
    default:
      return assertNever(compression);
  }
}

/** Unpacks whatever the first bytes say it is; what they do not tell is passed on as it is. */
export async function* decompressDetected(content: Bytes): Bytes {
  const reader = new ByteReader(content);
  try {
    const head = await reader.read(MAGIC_BYTES);
    yield* decompress(headAndRest(head, reader), detectCompression(head));
  } finally {
    await reader.close();
  }
}

async function* through(content: Bytes, transform: Duplex, compression: Compression): Bytes {
  pipeline(content, transform, () => undefined); // its error comes out of the transform
  try {
    for await (const chunk of transform) if (chunk instanceof Uint8Array) yield chunk;
  } catch (error) {
    if (!/^Z_|^ZSTD_|^ERR_TRAILING_JUNK/.test(systemCode(error) ?? "")) throw error;
    throw new InputError(`Cannot unpack ${compression} content: ${messageOf(error)}`, { cause: error });
  } finally {
    transform.destroy();
  }
}

async function* headAndRest(head: Buffer, reader: ByteReader): Bytes {
  yield head;
  for await (const chunk of reader.take(Number.POSITIVE_INFINITY)) yield chunk;
}
