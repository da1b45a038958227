import { encodePath } from "./path-bytes.ts";
import type { TarEntry, TarEntryType } from "./tar-entry.ts";

export const BLOCK_BYTES = 512;

const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
const MAX_7_DIGITS = 0o7777777;
const MAX_11_DIGITS = 0o77777777777;

export const TYPE_FLAGS: Readonly<Record<TarEntryType, string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  "character-device": "3",
  "block-device": "4",
  directory: "5",
  fifo: "6",
};

/**
 * The header blocks of a member: one ustar block, with a pax extended header before it for what ustar cannot say
 * (IEEE Std 1003.1-2017, pax). Depends on nothing but the entry. User and group have no names: ids count.
 */
export function renderHeader(entry: TarEntry): Buffer {
  const name = encodePath(entry.type === "directory" ? `${entry.path}/` : entry.path);
  const link = encodePath(entry.linkTarget ?? "");
  const records = paxRecords(entry, { name, link });
  const header = renderUstar(entry, TYPE_FLAGS[entry.type], { name, link });
  if (records.length === 0) return header;
  const extension = Buffer.concat(records);
  const member = { path: "", type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: extension.byteLength } as const;
  const extensionHeader = renderUstar(member, "x", { name: Buffer.from("PaxHeader"), link: Buffer.alloc(0) });
  return Buffer.concat([extensionHeader, extension, Buffer.alloc(paddingOf(extension.byteLength)), header]);
}

/** How many zero bytes follow content of this size. */
export function paddingOf(sizeBytes: number): number {
  return (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES;
}

/** What a header's checksum field must say: the sum of all bytes with that field as blanks. */
export function checksumOf(block: Uint8Array): number {
  let sum = 8 * 0x20;
  for (let position = 0; position < BLOCK_BYTES; position++) {
    if (position < 148 || position >= 156) sum += block[position] ?? 0;
  }
  return sum;
}

interface Names {
  readonly name: Buffer;
  readonly link: Buffer;
}

function paxRecords(entry: TarEntry, { name, link }: Names): Buffer[] {
  const { uid, gid, size, mtime } = entry;
  const records: Buffer[] = [];
  if (!isAscii(name) || !splitName(name)) records.push(paxRecord("path", name));
  if (!isAscii(link) || link.byteLength > NAME_BYTES) records.push(paxRecord("linkpath", link));
  if (uid > MAX_7_DIGITS) records.push(paxRecord("uid", String(uid)));
  if (gid > MAX_7_DIGITS) records.push(paxRecord("gid", String(gid)));
  if (size > MAX_11_DIGITS) records.push(paxRecord("size", String(size)));
  if (!isPlainTime(mtime)) records.push(paxRecord("mtime", String(mtime)));
  for (const [key, value] of Object.entries(entry.xattrs ?? {}).toSorted(byName)) {
    records.push(paxRecord(`SCHILY.xattr.${key}`, value));
  }
  return records;
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record, itself included. */
function paxRecord(key: string, value: string | Uint8Array): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from("\n")]);
  let length = rest.byteLength;
  while (String(length).length + rest.byteLength !== length) length = String(length).length + rest.byteLength;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function renderUstar(entry: TarEntry, typeFlag: string, { name, link }: Names): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const { prefix, rest } = splitName(name) ?? { prefix: Buffer.alloc(0), rest: name.subarray(0, NAME_BYTES) };
  rest.copy(block, 0);
  writeOctal(block, 100, 7, entry.mode & 0o7777);
  writeOctal(block, 108, 7, entry.uid);
  writeOctal(block, 116, 7, entry.gid);
  writeOctal(block, 124, 11, entry.size);
  writeOctal(block, 136, 11, isPlainTime(entry.mtime) ? entry.mtime : 0);
  block.write(typeFlag, 156, "latin1");
  link.subarray(0, NAME_BYTES).copy(block, 157);
  block.write("ustar\u000000", 257, "latin1");
  writeOctal(block, 329, 7, entry.device?.major ?? 0);
  writeOctal(block, 337, 7, entry.device?.minor ?? 0);
  prefix.copy(block, 345);
  block.write(`${checksumOf(block).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

/** A number that has no room is in the pax header; the field then says zero. */
function writeOctal(block: Buffer, position: number, digits: number, value: number): void {
  const text = value.toString(8).padStart(digits, "0");
  block.write(text.length > digits ? "0".repeat(digits) : text, position, "latin1");
}

/** ustar has room for 100 bytes, and for 155 more before one of the slashes. */
function splitName(name: Buffer): { prefix: Buffer; rest: Buffer } | undefined {
  if (name.byteLength <= NAME_BYTES) return { prefix: Buffer.alloc(0), rest: name };
  const earliest = name.byteLength - NAME_BYTES - 1;
  const slash = name.indexOf(0x2f, earliest);
  if (slash <= 0 || slash > PREFIX_BYTES || slash === name.byteLength - 1) return undefined;
  return { prefix: name.subarray(0, slash), rest: name.subarray(slash + 1) };
}

function isPlainTime(mtime: number): boolean {
  return Number.isInteger(mtime) && mtime >= 0 && mtime <= MAX_11_DIGITS;
}

function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 0x80);
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
