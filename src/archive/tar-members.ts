import { InputError } from "../base/error.ts";
import { printable } from "../base/text.ts";
import { UnsafeArchiveError } from "./errors.ts";
import { decodePath } from "./path-bytes.ts";
import { parsePaxRecords, type PaxRecords } from "./pax-records.ts";
import { safePath } from "./safe-path.ts";
import type { TarEntry, TarEntryType } from "./tar-entry.ts";
import { TYPE_FLAGS } from "./tar-header.ts";
import type { RawHeader } from "./tar-header-parser.ts";

const XATTR_PREFIX = "SCHILY.xattr.";

const TYPES: ReadonlyMap<string, TarEntryType> = new Map([
  ...Object.entries(TYPE_FLAGS).map(([type, flag]): [string, TarEntryType] => [flag, toType(type)]),
  ["\0", "file"],
  ["7", "file"],
]);

/** Puts members together from headers and the extensions before them. */
export class MemberAssembler {
  #global: PaxRecords = new Map();
  #local: PaxRecords = new Map();
  #longName: Buffer | undefined;
  #longLink: Buffer | undefined;

  /** Takes the content of a header that only extends the next one. @returns false when it is a member's header. */
  static isExtension({ typeFlag }: RawHeader): boolean {
    return "xgLK".includes(typeFlag);
  }

  extend({ typeFlag }: RawHeader, content: Buffer): void {
    if (typeFlag === "x") this.#local = parsePaxRecords(content);
    if (typeFlag === "g") this.#global = new Map([...this.#global, ...parsePaxRecords(content)]);
    if (typeFlag === "L") this.#longName = untilNul(content);
    if (typeFlag === "K") this.#longLink = untilNul(content);
  }

  /** The member with this header; its path is safe. @throws {InputError} or {UnsafeArchiveError} */
  finish(header: RawHeader): TarEntry {
    const records = new Map([...this.#global, ...this.#local].filter(([, value]) => value.byteLength > 0));
    const name = decodePath(records.get("path") ?? this.#longName ?? header.name);
    const link = decodePath(records.get("linkpath") ?? this.#longLink ?? header.linkName);
    this.#local = new Map();
    this.#longName = undefined;
    this.#longLink = undefined;
    checkSparse(name, header, records);
    const type = typeOf(name, header);
    const path = safePath(name);
    if (path === "" && type !== "directory") {
      throw new UnsafeArchiveError(`Cannot use archive member "${printable(name)}": it would replace the root folder`);
    }
    return {
      path,
      type,
      mode: header.mode & 0o7777,
      uid: numberOf(records, "uid") ?? header.uid,
      gid: numberOf(records, "gid") ?? header.gid,
      mtime: numberOf(records, "mtime") ?? header.mtime,
      size: type === "file" ? sizeOf(name, numberOf(records, "size") ?? header.size) : 0,
      ...linkOf(type, link),
      ...(type.endsWith("device") ? { device: { major: header.deviceMajor, minor: header.deviceMinor } } : {}),
      ...xattrsOf(records),
    };
  }
}

function typeOf(name: string, { typeFlag }: RawHeader): TarEntryType {
  const type = TYPES.get(typeFlag);
  if (type === "file" && name.endsWith("/")) return "directory"; // as archives before POSIX had it
  if (type) return type;
  throw new InputError(`Cannot read archive: "${printable(name)}" is of type "${printable(typeFlag)}"`);
}

function checkSparse(name: string, { typeFlag }: RawHeader, records: PaxRecords): void {
  if (typeFlag !== "S" && ![...records.keys()].some((key) => key.startsWith("GNU.sparse."))) return;
  throw new InputError(`Cannot read archive: "${printable(name)}" is stored as a sparse file`, {
    hint: "Make the archive again without --sparse",
  });
}

function linkOf(type: TarEntryType, link: string): { linkTarget?: string } {
  if (type === "symlink") return { linkTarget: link };
  return type === "hardlink" ? { linkTarget: safePath(link) } : {};
}

function xattrsOf(records: PaxRecords): { xattrs?: Readonly<Record<string, Uint8Array>> } {
  const xattrs = [...records].filter(([key]) => key.startsWith(XATTR_PREFIX));
  if (xattrs.length === 0) return {};
  return { xattrs: Object.fromEntries(xattrs.map(([key, value]) => [key.slice(XATTR_PREFIX.length), value])) };
}

function sizeOf(name: string, size: number): number {
  if (Number.isSafeInteger(size) && size >= 0) return size;
  throw new InputError(`Cannot read archive: "${printable(name)}" claims a size of ${size} bytes`);
}

function numberOf(records: PaxRecords, key: string): number | undefined {
  const value = records.get(key)?.toString("latin1");
  if (value === undefined) return undefined;
  if (/^-?\d+(\.\d*)?$/.test(value)) return Number(value);
  throw new InputError(`Cannot read archive: "${printable(value)}" is not a number for ${key}`);
}

function untilNul(content: Buffer): Buffer {
  const end = content.indexOf(0);
  return end < 0 ? content : content.subarray(0, end);
}

function toType(name: string): TarEntryType {
  return isType(name) ? name : "file";
}

function isType(name: string): name is TarEntryType {
  return name in TYPE_FLAGS;
}
