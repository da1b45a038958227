export type TarEntryType = "file" | "directory" | "symlink" | "hardlink" | "fifo" | "character-device" | "block-device";

/** One member of a tar archive, without its content. */
export interface TarEntry {
  /** Relative, with `/` between its parts; bytes that are not UTF-8 as `decodePath` gives them. */
  readonly path: string;
  readonly type: TarEntryType;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** In seconds since 1970; fractions and negative numbers are allowed. */
  readonly mtime: number;
  /** In bytes; zero for everything but files. */
  readonly size: number;
  /** Of a symlink as it is; of a hard link the path of another member. */
  readonly linkTarget?: string;
  readonly device?: { readonly major: number; readonly minor: number };
  readonly xattrs?: Readonly<Record<string, Uint8Array>>;
}

/** A part of a local file. */
export interface FileContent {
  readonly path: string;
  /** In bytes. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
  /** What the part must hash to, in hex digits; it is checked while reading. Absent: anything is accepted. */
  readonly sha256?: string;
  /** Of the file that was found there, whose path has no links: no other file is read, and none through a link. */
  readonly inode?: number;
  /** The file system that the inode is of. */
  readonly deviceId?: number;
  /** When that file was written to last: it must not have been since. */
  readonly modifiedMs?: number;
}

/** Where a member's bytes come from. */
export type EntryContent = FileContent | Uint8Array;

/** A member to be written: `content` for files only, as long as `entry.size`. */
export interface LayerEntry {
  readonly entry: TarEntry;
  readonly content?: EntryContent;
}
