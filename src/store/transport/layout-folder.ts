import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { fileChunks } from "../../archive/file-chunks.ts";
import { writeFileAtomic } from "../../base/atomic-file.ts";
import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { writing } from "../../base/disk-error.ts";
import { InputError, NotFoundError, systemCode } from "../../base/error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import type { ReferrerTarget } from "../../oci/referrers.ts";
import { verified } from "../../oci/verify.ts";
import { rawNames, withImage, withName } from "../image-names.ts";
import { readIndex, updateIndex } from "../index-file.ts";
import { blobFile, EMPTY_INDEX, INDEX_FILE, LAYOUT_CONTENT, LAYOUT_FILE, renderIndexFile } from "../layout.ts";
import { listIndex, type ListedImage } from "./listed-images.ts";

/** Somebody's OCI image layout: nothing is written there but what the specification names. */
export class LayoutFolder implements ReferrerTarget {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /** @throws {InputError} when the folder is no image layout. */
  static async open(root: string): Promise<LayoutFolder> {
    try {
      await readFile(join(root, LAYOUT_FILE));
    } catch (error) {
      if (!["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) throw error;
      throw new InputError(`Cannot open "${root}" as an OCI image layout: it has no file "${LAYOUT_FILE}"`, {
        hint: "Name the folder that holds oci-layout and index.json",
        cause: error,
      });
    }
    return new LayoutFolder(root);
  }

  /** Opens the layout, or makes one. */
  static async create(root: string): Promise<LayoutFolder> {
    if (!(await exists(join(root, LAYOUT_FILE)))) {
      await writing(root, async () => {
        if (!(await exists(join(root, INDEX_FILE)))) {
          await writeFileAtomic(join(root, INDEX_FILE), renderIndexFile(EMPTY_INDEX));
        }
        await writeFileAtomic(join(root, LAYOUT_FILE), LAYOUT_CONTENT);
      });
    }
    return LayoutFolder.open(root);
  }

  async list(): Promise<readonly ListedImage[]> {
    return listIndex(await readIndex(this.root));
  }

  async has(ctx: Context, target: Descriptor): Promise<boolean> {
    ctx.signal.throwIfAborted();
    const found = await stat(this.#pathOf(target.digest)).catch(() => undefined);
    return found?.size === target.size;
  }

  async fetch(ctx: Context, target: Descriptor): Promise<Bytes> {
    const path = this.#pathOf(target.digest);
    if (await exists(path)) return fileChunks(ctx, { path, offset: 0, length: target.size });
    throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot find ${target.digest} in "${this.root}"`, {
      hint: "Copy the image there again",
    });
  }

  async push(ctx: Context, expected: Descriptor, content: Bytes): Promise<void> {
    if (await this.has(ctx, expected)) return;
    const path = this.#pathOf(expected.digest);
    await writing(path, () => writeFileAtomic(path, abortable(ctx, verified(content, expected))));
  }

  /** @param name as it is written to the index; undefined lists the image without one. */
  async tag(ctx: Context, target: Descriptor, name: string | undefined): Promise<void> {
    await updateIndex(ctx, this.root, async (index) => ({
      index: name === undefined ? withImage(index, target) : withName(index, target, name),
      finish: async () => {},
    }));
  }

  async findTag(ctx: Context, tag: string): Promise<Descriptor | undefined> {
    ctx.signal.throwIfAborted();
    const index = await readIndex(this.root);
    return index.manifests.find((entry) => rawNames(entry).includes(tag));
  }

  async listReferrers(): Promise<undefined> {
    return undefined;
  }

  #pathOf(digest: Digest): string {
    return join(this.root, blobFile(digest));
  }
}

async function* abortable(ctx: Context, content: Bytes): Bytes {
  for await (const chunk of content) {
    ctx.signal.throwIfAborted();
    yield chunk;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
