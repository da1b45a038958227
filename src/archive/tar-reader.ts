import type { Bytes } from "../base/bytes.ts";
import { InputError } from "../base/error.ts";
import { printable } from "../base/text.ts";
import { ByteReader } from "./byte-reader.ts";
import type { TarEntry } from "./tar-entry.ts";
import { BLOCK_BYTES, paddingOf } from "./tar-header.ts";
import { parseHeader, type RawHeader } from "./tar-header-parser.ts";
import { MemberAssembler } from "./tar-members.ts";

/** Long names and extended attributes; a hostile archive must not be able to fill the memory. */
const EXTENSION_LIMIT_BYTES = 1024 * 1024;

/** A member as it comes by. */
export interface TarMember {
  readonly entry: TarEntry;
  /** Where its content starts in the archive, in bytes. */
  readonly offset: number;
  /** To be read, if at all, before the next member is asked for. */
  readonly content: Bytes;
}

/**
 * Reads ustar, pax and GNU archives, member by member; names are safe relative paths. The stream is read to its end
 * even after the archive's, so that whoever verifies it sees all of it.
 * @throws {InputError} when it is not a tar archive or ends too early, {UnsafeArchiveError} for an unsafe name.
 */
export async function* readTar(archive: Bytes): AsyncGenerator<TarMember, void, undefined> {
  const reader = new ByteReader(archive);
  const assembler = new MemberAssembler();
  try {
    for (let header = await nextHeader(reader); header; header = await nextHeader(reader)) {
      if (MemberAssembler.isExtension(header)) {
        assembler.extend(header, await readExtension(reader, header));
        continue;
      }
      const entry = assembler.finish(header);
      const offset = reader.position;
      yield { entry, offset, content: contentOf(reader, entry) };
      await skipRest(reader, entry, offset);
    }
    await reader.skip(Number.POSITIVE_INFINITY);
  } finally {
    await reader.close();
  }
}

async function nextHeader(reader: ByteReader): Promise<RawHeader | undefined> {
  const offset = reader.position;
  const block = await reader.read(BLOCK_BYTES);
  if (block.byteLength === 0 && offset > 0) return undefined;
  if (block.byteLength === BLOCK_BYTES) return parseHeader(block, offset);
  throw new InputError(`Cannot read archive: it ends in a header, after ${reader.position} bytes`);
}

async function readExtension(reader: ByteReader, { size }: RawHeader): Promise<Buffer> {
  if (size > EXTENSION_LIMIT_BYTES || size < 0) {
    throw new InputError(`Cannot read archive: an extended header of ${size} bytes is too large`);
  }
  const content = await reader.read(size + paddingOf(size));
  if (content.byteLength === size + paddingOf(size)) return content.subarray(0, size);
  throw new InputError(`Cannot read archive: it ends in an extended header, after ${reader.position} bytes`);
}

async function* contentOf(reader: ByteReader, entry: TarEntry): Bytes {
  const end = reader.position + entry.size;
  yield* reader.take(entry.size);
  if (reader.position < end) throw truncated(entry, reader);
}

async function skipRest(reader: ByteReader, entry: TarEntry, offset: number): Promise<void> {
  const left = offset + entry.size + paddingOf(entry.size) - reader.position;
  if ((await reader.skip(left)) < left) throw truncated(entry, reader);
}

function truncated({ path }: TarEntry, reader: ByteReader): InputError {
  return new InputError(`Cannot read archive: it ends in "${printable(path)}", after ${reader.position} bytes`);
}
