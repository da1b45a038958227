import { randomBytes } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { writeTar } from "../archive/tar-file.ts";
import { runTask, type Context } from "../base/context.ts";
import { assertNever, InputError } from "../base/error.ts";
import { openImageTree } from "../build/base-image.ts";
import { walkTree } from "../build/context/walk-tree.ts";
import { toLayerEntries } from "../build/layer/layer-entries.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { openImageFiles } from "../store/image-files.ts";
import type { ImageStore } from "../store/image-store.ts";
import { saveArchive } from "../store/save-archive.ts";
import { unpackTree } from "../store/unpack-tree.ts";
import type { PlatformImage } from "./build-index.ts";
import { mergeFolder } from "./merge-folder.ts";

/** What is made of a built image besides an image of the store. */
export interface BuildOutput {
  /** `local`: a folder with its files; `tar`: a tar archive of them; `oci`: an archive of the image itself. */
  readonly type: "local" | "tar" | "oci";
  readonly destination: string;
}

export interface OutputRequest {
  readonly output: BuildOutput;
  /** The image, or the index of `images`. */
  readonly root: Descriptor;
  readonly images: readonly PlatformImage[];
  readonly names: readonly string[];
}

/** Writes one output. Files keep their owners only in archives. */
export async function writeOutput(ctx: Context, store: ImageStore, request: OutputRequest): Promise<void> {
  const { type, destination } = request.output;
  await runTask(ctx, `write ${destination}`, async (inner) => {
    switch (type) {
      case "local":
        return writeFolders(inner, store, request);
      case "tar":
        return writeFiles(inner, store, request);
      case "oci":
        await saveArchive(inner, store, { images: toSaved(request), destination });
        return;
      default:
        return assertNever(type);
    }
  });
}

/** A folder for each platform if there are several. */
async function writeFolders(ctx: Context, store: ImageStore, { output, images }: OutputRequest): Promise<void> {
  for (const { manifest, platform } of images) {
    const { os, architecture, variant } = platform;
    const name = [os, architecture, ...(variant === undefined ? [] : [variant])].join("_");
    const folder = images.length === 1 ? output.destination : join(output.destination, name);
    await writeFolder(ctx, store, { manifest, folder });
  }
}

/** Into a folder that may be there with other files. */
async function writeFolder(
  ctx: Context,
  store: ImageStore,
  { manifest, folder }: { manifest: Descriptor; folder: string },
): Promise<void> {
  const { tree } = await openImageFiles(ctx, store, manifest);
  const isThere = (await stat(folder).catch(() => undefined))?.isDirectory() === true;
  if (!isThere) return unpackTree(ctx, tree, folder);
  const temporary = join(folder, `.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await unpackTree(ctx, tree, temporary);
    await mergeFolder(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function writeFiles(ctx: Context, store: ImageStore, { output, images }: OutputRequest): Promise<void> {
  const [only, ...more] = images;
  if (!only || more.length > 0) {
    throw new InputError(`Cannot write "${output.destination}": a tar archive holds the files of one platform`, {
      hint: "Build for one platform, or use type=local or type=oci",
    });
  }
  const tree = await openImageTree(ctx, store, only.manifest);
  await writeTar(ctx, toLayerEntries(walkTree(tree, "")), output.destination);
}

function toSaved({ root, names }: OutputRequest): { descriptor: Descriptor; name?: string }[] {
  return names.length === 0 ? [{ descriptor: root }] : names.map((name) => ({ descriptor: root, name }));
}
