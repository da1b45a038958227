import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rm, stat, writeFile, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { writing } from "../../base/disk-error.ts";
import { systemCode } from "../../base/error.ts";
import { algorithmOf, digestFromHash, type Digest } from "../../oci/digest.ts";
import { IntegrityError } from "../../oci/errors.ts";
import { READ_BYTES, type BlobFiles } from "./blob-files.ts";
import { uploadPath } from "./layout.ts";
import { writeUpload, type ByteSink } from "./upload-file.ts";
import { alternatingBuffers, type HashOwner, type UploadHash, type UploadHashes } from "./upload-hashes.ts";
import type { ByteRange, Upload, UploadReader, UploadStorage } from "./storage.ts";

/** What this process knows of uploads beside their files, by the path of their folder. */
export type UploadStates = Map<string, UploadState>;

interface UploadState extends HashOwner {
  sizeBytes: number;
  /** SHA-256 so far; absent at the beginning, and when it is not known of what is in the file. */
  hash: UploadHash | undefined;
  isBusy: boolean;
}

/** What the uploads of all repositories share. */
export interface UploadParts {
  readonly blobs: BlobFiles;
  readonly states: UploadStates;
  readonly hashes: UploadHashes;
}

/** The unfinished uploads of one repository. */
export class Uploads implements UploadStorage {
  readonly #root: string;
  readonly #repository: string;
  readonly #blobs: BlobFiles;
  readonly #states: UploadStates;
  readonly #hashes: UploadHashes;

  constructor(root: string, repository: string, { blobs, states, hashes }: UploadParts) {
    this.#root = root;
    this.#repository = repository;
    this.#blobs = blobs;
    this.#states = states;
    this.#hashes = hashes;
  }

  async start(): Promise<Upload> {
    const id = randomUUID();
    await writing(this.#folder(id), async () => {
      await mkdir(this.#folder(id), { recursive: true });
      await writeFile(this.#file(id), "");
      // The distribution registry removes old uploads by this file.
      await writeFile(join(this.#folder(id), "startedat"), new Date().toISOString());
    });
    this.#states.set(this.#folder(id), { sizeBytes: 0, hash: undefined, isBusy: false });
    return { id, sizeBytes: 0 };
  }

  async find(id: string): Promise<Upload | undefined> {
    const state = await this.#find(id);
    return state && { id, sizeBytes: state.sizeBytes };
  }

  async append(
    ctx: Context,
    { id }: Upload,
    content: Bytes,
    onWritten?: (sizeBytes: number) => void,
  ): Promise<Upload | undefined> {
    const state = await this.#find(id);
    if (!state || state.isBusy) return undefined;
    state.isBusy = true;
    try {
      await writing(this.#file(id), () => this.#write(ctx, id, { state, content, onWritten }));
    } finally {
      state.isBusy = false;
    }
    return { id, sizeBytes: state.sizeBytes };
  }

  async openReader({ id }: Upload): Promise<UploadReader> {
    const file = await open(this.#file(id), "r");
    return {
      read: (ctx, range) => readRange(ctx, file, range),
      [Symbol.asyncDispose]: () => file.close(),
    };
  }

  /** Makes the content a blob. @throws {IntegrityError} when it has another digest; the upload is then gone. */
  async finish({ id }: Upload, expected: Digest): Promise<void> {
    const actual = await this.#digest(id, expected);
    if (actual !== expected) {
      await this.cancel(id);
      throw new IntegrityError(`Cannot store ${expected}: the content has the digest ${actual}`);
    }
    await this.#blobs.adopt(this.#file(id), expected);
    await this.cancel(id);
  }

  async cancel(id: string): Promise<void> {
    await this.#forget(id);
    await rm(this.#folder(id), { recursive: true, force: true });
  }

  async #write(ctx: Context, id: string, { state, content, onWritten }: Writing): Promise<void> {
    if (state.sizeBytes === 0) state.hash ??= await this.#hashes.open(state);
    const { hash } = state;
    const file = await open(this.#file(id), "a");
    const spare = alternatingBuffers();
    const sink: ByteSink = {
      buffer: () => (hash ? hash.buffer() : spare()),
      take: async (length) => hash?.take(length),
      count(length) {
        state.sizeBytes += length;
        onWritten?.(state.sizeBytes);
      },
    };
    try {
      await writeUpload(ctx, file, { content, sink, isEager: onWritten !== undefined });
    } catch (error) {
      // After a failure of the disk the file may have more than was counted: it is looked at anew.
      if (systemCode(error) !== undefined) await this.#forget(id);
      throw error;
    } finally {
      await file.close();
    }
  }

  async #forget(id: string): Promise<void> {
    await this.#states.get(this.#folder(id))?.hash?.close();
    this.#states.delete(this.#folder(id));
  }

  async #digest(id: string, expected: Digest): Promise<Digest> {
    const algorithm = algorithmOf(expected);
    const known = algorithm === "sha256" ? this.#states.get(this.#folder(id))?.hash : undefined;
    if (known) return known.digest();
    const hash = createHash(algorithm);
    for await (const chunk of createReadStream(this.#file(id), { highWaterMark: READ_BYTES })) hash.update(chunk);
    return digestFromHash(hash, algorithm);
  }

  async #find(id: string): Promise<UploadState | undefined> {
    if (!/^[0-9a-f-]{36}$/.test(id)) return undefined;
    const known = this.#states.get(this.#folder(id));
    if (known) return known;
    try {
      const { size } = await stat(this.#file(id));
      const found = { sizeBytes: size, hash: undefined, isBusy: false };
      this.#states.set(this.#folder(id), found);
      return found;
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  #folder(id: string): string {
    return join(this.#root, uploadPath(this.#repository, id));
  }

  #file(id: string): string {
    return join(this.#folder(id), "data");
  }
}

interface Writing {
  readonly state: UploadState;
  readonly content: Bytes;
  readonly onWritten: ((sizeBytes: number) => void) | undefined;
}

async function* readRange(ctx: Context, file: FileHandle, { first, last }: ByteRange): Bytes {
  for (let offset = first; offset <= last;) {
    ctx.signal.throwIfAborted();
    const piece = Buffer.allocUnsafe(Math.min(READ_BYTES, last + 1 - offset));
    const { bytesRead } = await file.read(piece, 0, piece.byteLength, offset);
    if (bytesRead === 0) throw new Error(`Cannot read an upload: it has ${offset} bytes, expected ${last + 1}`);
    yield piece.subarray(0, bytesRead);
    offset += bytesRead;
  }
}
