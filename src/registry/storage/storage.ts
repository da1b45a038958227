import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import type { ImageTarget } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";

/** A manifest or index with what identifies it. */
export interface StoredDocument {
  readonly descriptor: Descriptor;
  readonly content: Uint8Array;
}

/** Where a blob is: it may be stored under a digest of another algorithm than it was asked for. */
export interface StoredBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** Bytes of a blob, both ends included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Content on its way into a repository; invisible until it is complete. */
export interface Upload {
  readonly id: string;
  readonly sizeBytes: number;
}

/** Reads what an upload has so far; goes on when the upload has become a blob. */
export interface UploadReader extends AsyncDisposable {
  /** The range must be there already. */
  read(ctx: Context, range: ByteRange): Bytes;
}

/** The unfinished uploads of one repository. */
export interface UploadStorage {
  start(): Promise<Upload>;
  /** @returns undefined when there is no such upload. */
  find(id: string): Promise<Upload | undefined>;
  /**
   * Writes content behind what is there. What came before a failure stays, so that an upload can go on.
   * @param onWritten told how much a reader finds, piece by piece; without it pieces are collected first.
   * @returns the upload as it is then, or undefined when somebody else is writing to it.
   */
  append(
    ctx: Context,
    upload: Upload,
    content: Bytes,
    onWritten?: (sizeBytes: number) => void,
  ): Promise<Upload | undefined>;
  openReader(upload: Upload): Promise<UploadReader>;
  cancel(id: string): Promise<void>;
}

/** One repository as the registry's server needs it; content that another repository has is not seen. */
export interface RepositoryStorage extends ImageTarget {
  readonly name: string;
  readonly uploads: UploadStorage;
  /** The manifest or index behind a tag or digest. @throws {IntegrityError} when it is damaged. */
  findDocument(ctx: Context, name: string): Promise<StoredDocument | undefined>;
  /** A layer or configuration; undefined when this repository does not have it. */
  findBlob(digest: Digest): Promise<StoredBlob | undefined>;
  /** A piece of the content is valid until the next one is asked for. */
  readBlob(ctx: Context, blob: StoredBlob, range?: ByteRange): Bytes;
  /** Makes an upload a blob of this repository. @throws {IntegrityError} when it has another digest; it is then gone. */
  finishUpload(id: string, expected: Digest): Promise<void>;
  /** Takes a blob that another repository of the same storage has. @returns false when it does not have it. */
  mount(digest: Digest, from: string): Promise<boolean>;
  /** Sorted. @returns undefined when there is no such repository. */
  listTags(): Promise<readonly string[] | undefined>;
  /** Digests of all manifests and indexes. */
  listDocuments(): Promise<readonly Digest[]>;
  /** @returns false when there is no such tag. */
  removeTag(tag: string): Promise<boolean>;
  /** Removes a manifest or index and the tags that mean it. @returns false when it is not there. */
  removeDocument(digest: Digest): Promise<boolean>;
  /** Other repositories keep the blob. @returns false when this one does not have it. */
  removeBlob(digest: Digest): Promise<boolean>;
}

/** All repositories of a registry, on disk or in memory. */
export interface RegistryStorage {
  /** @throws {InputError} when the name is not that of a repository. */
  repository(name: string): RepositoryStorage;
  /** Names of the repositories that have manifests, sorted. */
  listRepositories(ctx: Context): Promise<readonly string[]>;
}
