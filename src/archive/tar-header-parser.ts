import { InputError } from "../base/error.ts";
import { printable } from "../base/text.ts";
import { BLOCK_BYTES, checksumOf } from "./tar-header.ts";

const ZEROS = Buffer.alloc(BLOCK_BYTES);

/** The fields of one header block as they are, before pax and GNU extensions are applied. */
export interface RawHeader {
  readonly name: Buffer;
  readonly typeFlag: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly linkName: Buffer;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
}

/** @returns undefined for a block of zeros, which ends an archive. @throws {InputError} when it is not a header. */
export function parseHeader(block: Buffer, offset: number): RawHeader | undefined {
  if (block.equals(ZEROS)) return undefined;
  if (parseNumber(block, 148, 8) !== checksumOf(block)) {
    throw new InputError(`Cannot read archive: there is no tar header at byte ${offset}`);
  }
  const hasPrefix = block.toString("latin1", 257, 263) === "ustar\0";
  const isUstar = block.toString("latin1", 257, 262) === "ustar";
  return {
    name: joinName(hasPrefix ? parseText(block, 345, 155) : Buffer.alloc(0), parseText(block, 0, 100)),
    typeFlag: String.fromCharCode(block[156] ?? 0),
    mode: parseNumber(block, 100, 8),
    uid: parseNumber(block, 108, 8),
    gid: parseNumber(block, 116, 8),
    size: parseNumber(block, 124, 12),
    mtime: parseNumber(block, 136, 12),
    linkName: parseText(block, 157, 100),
    deviceMajor: isUstar ? parseNumber(block, 329, 8) : 0,
    deviceMinor: isUstar ? parseNumber(block, 337, 8) : 0,
  };
}

function joinName(prefix: Buffer, name: Buffer): Buffer {
  return prefix.byteLength === 0 ? name : Buffer.concat([prefix, Buffer.from("/"), name]);
}

function parseText(block: Buffer, position: number, length: number): Buffer {
  const field = block.subarray(position, position + length);
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end));
}

/** Octal digits with blanks or NULs around, or, with the highest bit set, GNU's binary form. */
function parseNumber(block: Buffer, position: number, length: number): number {
  if ((block[position] ?? 0) >= 0x80) return parseBinary(block.subarray(position, position + length));
  const end = position + length;
  let next = position;
  while (next < end && isFiller(block[next])) next++;
  let value = 0;
  for (; next < end && !isFiller(block[next]); next++) {
    const digit = (block[next] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) throw notNumber(block.subarray(position, end));
    value = value * 8 + digit;
  }
  while (next < end) if (!isFiller(block[next++])) throw notNumber(block.subarray(position, end));
  return value;
}

function isFiller(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0;
}

function notNumber(field: Buffer): InputError {
  const text = printable(field.toString("latin1")).replaceAll("\n", "\\n");
  return new InputError(`Cannot read archive: "${text}" in a header is not a number`);
}

function parseBinary(field: Buffer): number {
  const isNegative = ((field[0] ?? 0) & 0x40) !== 0;
  let value = BigInt((field[0] ?? 0) & 0x3f);
  for (const byte of field.subarray(1)) value = value * 256n + BigInt(byte);
  if (isNegative) value -= 64n * 256n ** BigInt(field.byteLength - 1);
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new InputError("Cannot read archive: a number in a header is too large");
}
