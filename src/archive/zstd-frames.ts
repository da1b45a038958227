import type { Bytes } from "../base/bytes.ts";
import { InputError } from "../base/error.ts";
import { ByteReader } from "./byte-reader.ts";

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const CHUNK_BYTES = 1024 * 1024;

/**
 * Passes zstd content on in chunks that never hold parts of two frames, without frames that say nothing: Node's decompressor drops what follows the end
 * of a frame in a chunk, without an error. https://www.rfc-editor.org/rfc/rfc8878#section-3.1
 * @throws {InputError} when it is not zstd or ends too early.
 */
export async function* splitFrames(content: Bytes): Bytes {
  const reader = new ByteReader(content);
  let parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const { part, isLast } of frameParts(reader)) {
      parts.push(part);
      size += part.byteLength;
      if (!isLast && size < CHUNK_BYTES) continue;
      yield Buffer.concat(parts, size);
      parts = [];
      size = 0;
    }
  } finally {
    await reader.close();
  }
}

interface FramePart {
  /** In memory of its own. */
  readonly part: Buffer;
  readonly isLast: boolean;
}

async function* frameParts(reader: ByteReader): AsyncGenerator<FramePart, void, undefined> {
  for (let isFirst = true; ; isFirst = false) {
    const magic = await reader.read(4);
    if (magic.byteLength === 0 && !isFirst) return;
    if (magic.byteLength < 4) throw truncated();
    const value = magic.readUInt32LE();
    if (value === FRAME_MAGIC) yield* blockParts(reader, magic);
    else if (value >>> 4 === SKIPPABLE_MAGIC >>> 4) await skipFrame(reader);
    else throw new InputError("Cannot unpack zstd content: there is no frame where one is expected");
  }
}

async function skipFrame(reader: ByteReader): Promise<void> {
  const size = (await readExactly(reader, 4)).readUInt32LE();
  if ((await reader.skip(size)) < size) throw truncated();
}

async function* blockParts(reader: ByteReader, magic: Buffer): AsyncGenerator<FramePart, void, undefined> {
  yield { part: magic, isLast: false };
  const descriptor = await readExactly(reader, 1);
  const flags = descriptor[0] ?? 0;
  yield { part: descriptor, isLast: false };
  yield { part: await readExactly(reader, headerSize(flags)), isLast: false };
  const hasChecksum = (flags & 4) !== 0;
  for (let isLast = false; !isLast;) {
    const header = await readExactly(reader, 3);
    const value = header.readUIntLE(0, 3);
    const isRepeated = ((value >> 1) & 3) === 1; // one byte stands for the whole block
    isLast = (value & 1) !== 0;
    yield { part: header, isLast: false };
    yield { part: await readExactly(reader, isRepeated ? 1 : value >> 3), isLast: isLast && !hasChecksum };
  }
  if (hasChecksum) yield { part: await readExactly(reader, 4), isLast: true };
}

/** Of the window descriptor, dictionary ID and content size that the flags announce. */
function headerSize(flags: number): number {
  const isSingleSegment = (flags & 0x20) !== 0;
  const dictionaryId = [0, 1, 2, 4][flags & 3] ?? 0;
  const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
  return (isSingleSegment ? 0 : 1) + dictionaryId + contentSize;
}

async function readExactly(reader: ByteReader, length: number): Promise<Buffer> {
  const part = await reader.read(length);
  if (part.byteLength === length) return part;
  throw truncated();
}

function truncated(): InputError {
  return new InputError("Cannot unpack zstd content: it ends too early");
}
