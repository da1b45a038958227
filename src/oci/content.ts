import type { Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import type { Descriptor } from "./descriptor.ts";
import type { Digest } from "./digest.ts";

export interface Fetcher {
  /**
   * Opens content by digest. The bytes are verified by whoever keeps them, see `verified()`.
   * @throws NotFoundError when the source does not have it.
   */
  fetch(ctx: Context, target: Descriptor): Promise<Bytes>;
  /** The same from a byte on. Absent: only whole. */
  fetchFrom?(ctx: Context, target: Descriptor, offset: number): Promise<Bytes>;
}

export interface Pusher {
  /** Stores content under its digest. Idempotent: resolving means "it is there", not "this call put it there". */
  push(ctx: Context, expected: Descriptor, content: Bytes): Promise<void>;
  /**
   * Stores content that goes on where an earlier attempt ended, also one of a process that was killed.
   * @param openRest gives it from a byte on. Absent: content is stored whole or not at all.
   */
  receive?(ctx: Context, expected: Descriptor, openRest: (offset: number) => Promise<Bytes>): Promise<void>;
}

export interface Resolver {
  /** The descriptor behind a tag or digest. @throws NotFoundError when there is none. */
  resolve(ctx: Context, name: string): Promise<Descriptor>;
}

export interface Tagger {
  /** Makes `name` refer to content that is already there. */
  tag(ctx: Context, target: Descriptor, name: string): Promise<void>;
}

/** What the disk store, the registry client and the in-memory test store all are. */
export interface ContentStore extends Fetcher, Pusher {
  has(ctx: Context, target: Descriptor): Promise<boolean>;
}

/** Content with names that is only read. */
export interface ImageReader extends Fetcher, Resolver {
  /**
   * The manifests whose subject is this one.
   * @returns undefined when the place does not keep that by itself. Absent: no such place does.
   */
  listReferrers?(ctx: Context, subject: Digest): Promise<readonly Descriptor[] | undefined>;
}

/** Content with names: an image repository, wherever it is. */
export interface ImageTarget extends ImageReader, ContentStore, Tagger {}
