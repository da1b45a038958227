import { readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";

import { fileChunks } from "../../archive/file-chunks.ts";
import { writeFileAtomic } from "../../base/atomic-file.ts";
import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { writing } from "../../base/disk-error.ts";
import { InputError, NotFoundError, systemCode } from "../../base/error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { digestOf, hexOf } from "../../oci/digest.ts";
import { parseManifest } from "../../oci/manifest.ts";
import { isDocumentType } from "../../oci/media-type.ts";
import type { ReferrerTarget } from "../../oci/referrers.ts";
import { verified } from "../../oci/verify.ts";

const MANIFEST_FILE = "manifest.json";
const VERSION_FILE = "version";
const VERSION = "Directory Transport Version: 1.1\n";

/**
 * The `dir:` format of skopeo and buildah: one image, its manifest as `manifest.json`, blobs by their hex digits, the
 * manifests of an index as `<hex>.manifest.json`. It has no names, and no place for what is said about the image.
 */
export class DirFolder implements ReferrerTarget {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** The image of the folder. @throws {InputError} when there is none. */
  async image(): Promise<Descriptor> {
    try {
      const content = await readFile(join(this.root, MANIFEST_FILE));
      const { mediaType } = parseManifest(content);
      return { mediaType, digest: digestOf(content), size: content.byteLength };
    } catch (error) {
      if (!["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) throw error;
      throw new InputError(`Cannot open "${this.root}": it has no file "${MANIFEST_FILE}"`, {
        hint: "Name a folder that `skopeo copy … dir:DIR` wrote",
        cause: error,
      });
    }
  }

  async has(ctx: Context, target: Descriptor): Promise<boolean> {
    ctx.signal.throwIfAborted();
    const found = await stat(this.#pathOf(target)).catch(() => undefined);
    return found?.size === target.size;
  }

  async fetch(ctx: Context, target: Descriptor): Promise<Bytes> {
    for (const path of [this.#pathOf(target), join(this.root, MANIFEST_FILE)]) {
      const found = await stat(path).catch(() => undefined);
      if (found?.size === target.size) return fileChunks(ctx, { path, offset: 0, length: target.size });
      if (!isDocumentType(target.mediaType)) break;
    }
    throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot find ${target.digest} in "${this.root}"`, {
      hint: "Copy the image there again",
    });
  }

  async push(ctx: Context, expected: Descriptor, content: Bytes): Promise<void> {
    if (await this.has(ctx, expected)) return;
    const path = this.#pathOf(expected);
    await writing(path, () => writeFileAtomic(path, verified(content, expected)));
  }

  /** Makes `target` the image of the folder. */
  async tag(ctx: Context, target: Descriptor): Promise<void> {
    ctx.signal.throwIfAborted();
    await writeFileAtomic(join(this.root, VERSION_FILE), VERSION);
    await rename(this.#pathOf(target), join(this.root, MANIFEST_FILE));
  }

  async findTag(): Promise<undefined> {
    return undefined;
  }

  /** None: there is no place for them. */
  async listReferrers(): Promise<readonly Descriptor[]> {
    return [];
  }

  #pathOf({ mediaType, digest }: Descriptor): string {
    return join(this.root, isDocumentType(mediaType) ? `${hexOf(digest)}.manifest.json` : hexOf(digest));
  }
}
