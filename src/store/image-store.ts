import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

import { ChangedFileError } from "../archive/errors.ts";
import { fileChunks } from "../archive/file-chunks.ts";
import type { Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import { writing } from "../base/disk-error.ts";
import { NotFoundError } from "../base/error.ts";
import { withFileLock } from "../base/file-lock.ts";
import type { ImageTarget } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { hexOf, type Digest } from "../oci/digest.ts";
import { IntegrityError } from "../oci/errors.ts";
import type { ImageIndex } from "../oci/manifest.ts";
import { parseReference, renderReference } from "../oci/reference.ts";
import { isReferrerTag, type ReferrerTarget } from "../oci/referrers.ts";
import { markVerified, verified } from "../oci/verify.ts";
import { discardDamaged } from "./damage.ts";
import { findImage, type FoundImage } from "./find-image.ts";
import { findAbout, type TaggedReferrer } from "./image-graph.ts";
import {
  findEntry,
  storedImages,
  withImage,
  withName,
  withoutName,
  withReferrerTag,
  type StoredImage,
} from "./image-names.ts";
import { readIndex, updateIndex } from "./index-file.ts";
import { blobFile, PARTIAL_FOLDER } from "./layout.ts";
import { Lease } from "./leases.ts";
import { completeFile, type OpenRest } from "./partial-blob.ts";
import { prepareLayout } from "./prepare-layout.ts";
import { pruneImages, removeImage, type RemovedContent, type RemoveOptions } from "./remove-image.ts";

/** Less is fetched again sooner than it is looked at. */
const RESUMED_BYTES = 1024 * 1024;

/**
 * The images of this machine: an OCI image layout on disk, whose index has the full name of each image as
 * `org.opencontainers.image.ref.name`. Any number of processes may use it at the same time. What one instance reads,
 * writes or asks for stays until it is disposed of, whatever others prune; its own `prune` does not wait for itself.
 */
export class ImageStore implements ImageTarget, ReferrerTarget, AsyncDisposable {
  readonly root: string;
  readonly #lease: Lease;

  private constructor(root: string) {
    this.root = root;
    this.#lease = new Lease(root);
  }

  /**
   * Opens the store in a folder, or makes one there; what killed processes left behind is removed.
   * @throws {InputError} when the folder holds something else.
   */
  static async open(ctx: Context, root: string): Promise<ImageStore> {
    ctx.signal.throwIfAborted();
    await writing(root, () => prepareLayout(root));
    return new ImageStore(root);
  }

  /** Where the content with this digest is or would be. */
  blobPath(digest: Digest): string {
    return join(this.root, blobFile(digest));
  }

  async has(ctx: Context, target: Descriptor): Promise<boolean> {
    ctx.signal.throwIfAborted();
    const path = this.blobPath(target.digest);
    return (await this.#lease.touch(path)) && (await findSize(path)) === target.size;
  }

  /** Opens content; it is verified on its way, and what proves damaged is removed, so that it can be fetched again. */
  async fetch(ctx: Context, target: Descriptor): Promise<Bytes> {
    const path = this.blobPath(target.digest);
    if (!(await this.#lease.touch(path))) throw this.#missing(target);
    return markVerified(this.#read(ctx, target), target);
  }

  async push(ctx: Context, expected: Descriptor, content: Bytes): Promise<void> {
    if (await this.has(ctx, expected)) return;
    const temporary = this.createTemporary();
    try {
      await writing(temporary, () => writeSynced(ctx, temporary, verified(content, expected)));
      await this.#commit(temporary, expected);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async receive(ctx: Context, expected: Descriptor, openRest: OpenRest): Promise<void> {
    if (await this.has(ctx, expected)) return;
    if (expected.size < RESUMED_BYTES) return this.push(ctx, expected, await openRest(0));
    const partial = join(this.root, PARTIAL_FOLDER, hexOf(expected.digest));
    // Whoever wants it at the same time waits, and then finds it here.
    await withFileLock(ctx, `${partial}.lock`, async () => {
      if (await this.has(ctx, expected)) return;
      await writing(partial, () => completeFile(ctx, partial, { expected, openRest }));
      await this.#commit(partial, expected);
    });
  }

  /** A new path for content that is being written; the file goes with its process if it is not adopted. */
  createTemporary(): string {
    return this.#lease.temporaryPath();
  }

  /**
   * Makes a finished temporary file the content of `descriptor`; its writer has hashed it. Idempotent. It is not synced:
   * after a loss of power a blob may be too short, which `has` and `fetch` notice.
   */
  async adopt(ctx: Context, temporary: string, descriptor: Descriptor): Promise<void> {
    const size = await findSize(temporary);
    if (size !== descriptor.size) {
      throw new IntegrityError(`Expected ${descriptor.digest} of ${descriptor.size} bytes, "${temporary}" has ${size}`);
    }
    if (await this.has(ctx, descriptor)) await rm(temporary, { force: true });
    else await this.#commit(temporary, descriptor);
  }

  /** @param name canonical or as a registry accepts it, or a digest. Short names are for `find`. */
  async resolve(ctx: Context, name: string): Promise<Descriptor> {
    ctx.signal.throwIfAborted();
    const { descriptor } = await findImage(this.root, await readIndex(this.root), { text: name, isShort: false });
    await this.has(ctx, descriptor);
    return descriptor;
  }

  /**
   * Finds an image by what a user writes: a name, without registry in `localhost/` before docker.io, a digest, or the
   * first digits of an image ID.
   * @throws {NotFoundError} IMAGE_NOT_FOUND saying what was searched, {InputError} when an ID fits several images.
   */
  async find(ctx: Context, name: string): Promise<FoundImage> {
    ctx.signal.throwIfAborted();
    const found = await findImage(this.root, await readIndex(this.root), { text: name, isShort: true });
    await this.has(ctx, found.descriptor);
    return found;
  }

  /** @param tag exactly as it is in the index, such as a referrer tag. */
  async findTag(ctx: Context, tag: string): Promise<Descriptor | undefined> {
    const found = findEntry(await readIndex(this.root), tag);
    return found && (await this.has(ctx, found)) ? found : undefined;
  }

  /** What is said about images of the store, in turn about that, with the tag that each is found by. */
  async listAbout(images: readonly Descriptor[]): Promise<readonly TaggedReferrer[]> {
    return findAbout(this.root, await readIndex(this.root), images);
  }

  /** Undefined: referrers are kept below their tag. */
  async listReferrers(): Promise<undefined> {
    return undefined;
  }

  async list(ctx: Context): Promise<StoredImage[]> {
    ctx.signal.throwIfAborted();
    return storedImages(await readIndex(this.root));
  }

  /**
   * The image that had the name before stays, without it.
   * @param name is stored in its canonical form; a referrer tag as it is.
   */
  async tag(ctx: Context, target: Descriptor, name: string): Promise<void> {
    if (isReferrerTag(name)) return this.#change(ctx, target, (index) => withReferrerTag(index, target, name));
    const canonical = renderReference(parseReference(name));
    await this.#change(ctx, target, (index) => withName(index, target, canonical));
  }

  /** Lists an image without giving it a name: it can be found by its ID, and `prune` removes it. */
  async keep(ctx: Context, target: Descriptor): Promise<void> {
    await this.#change(ctx, target, (index) => withImage(index, target));
  }

  /** Takes a canonical name away; the image stays. Idempotent. */
  async untag(ctx: Context, name: string): Promise<void> {
    await updateIndex(ctx, this.root, async (index) => ({ index: withoutName(index, name), finish: async () => {} }));
  }

  /**
   * Takes the name away that `name` finds; with its last name the image goes, and all content that no other image has.
   * @throws {InputError} for an ID of an image with several names, unless `allNames` is given.
   */
  async remove(ctx: Context, name: string, options: RemoveOptions = {}): Promise<RemovedContent> {
    return updateIndex(ctx, this.root, async (index) => {
      const found = await findImage(this.root, index, { text: name, isShort: true });
      return removeImage({ root: this.root, lease: this.#lease }, index, { found, ...options });
    });
  }

  /**
   * Removes images without a name, content of no image, and what killed processes left; nothing that is in use.
   * @param kept images that stay without a name.
   */
  async prune(ctx: Context, kept: ReadonlySet<Digest> = new Set()): Promise<RemovedContent> {
    return updateIndex(ctx, this.root, (index) => pruneImages({ root: this.root, lease: this.#lease }, index, kept));
  }

  /** Marks a file of the store as used, as `has` does with blobs. @returns false when there is none. */
  async touch(path: string): Promise<boolean> {
    return this.#lease.touch(path);
  }

  /** Gives up what protects content in use from `prune`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lease.release();
  }

  async *#read(ctx: Context, target: Descriptor): Bytes {
    const path = this.blobPath(target.digest);
    try {
      yield* verified(fileChunks(ctx, { path, offset: 0, length: target.size }), target);
    } catch (error) {
      if (!(error instanceof IntegrityError || error instanceof ChangedFileError)) throw error;
      throw await discardDamaged(this.root, target, error);
    }
  }

  async #commit(temporary: string, { digest }: Descriptor): Promise<void> {
    const path = this.blobPath(digest);
    await mkdir(dirname(path), { recursive: true });
    await rename(temporary, path);
    await this.#lease.touch(path);
  }

  async #change(ctx: Context, target: Descriptor, change: (index: ImageIndex) => ImageIndex): Promise<void> {
    await updateIndex(ctx, this.root, async (index) => {
      if (!(await this.has(ctx, target))) throw this.#missing(target);
      return { index: change(index), finish: async () => {} };
    });
  }

  #missing({ digest }: Descriptor): NotFoundError {
    return new NotFoundError("IMAGE_NOT_FOUND", `Cannot find ${digest} in the image store "${this.root}"`, {
      hint: "Pull or build the image again",
    });
  }
}

async function writeSynced(ctx: Context, path: string, content: Bytes): Promise<void> {
  const file = await open(path, "wx", 0o644);
  try {
    for await (const chunk of content) {
      ctx.signal.throwIfAborted();
      for (let done = 0; done < chunk.byteLength;) done += (await file.write(chunk, done)).bytesWritten;
    }
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function findSize(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}
