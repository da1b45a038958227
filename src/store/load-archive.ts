import type { Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import { InputError, messageOf } from "../base/error.ts";
import { copyGraph } from "../oci/copy-graph.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { IntegrityError } from "../oci/errors.ts";
import { copyReferrers } from "../oci/referrers.ts";
import type { ImageStore } from "./image-store.ts";
import { openImageArchive, type OpenImages } from "./transport/image-archive.ts";

export interface LoadedImage {
  readonly descriptor: Descriptor;
  /** Canonical; absent when the archive gives the image no full name. It is then found by its ID. */
  readonly name: string | undefined;
}

export interface LoadOptions {
  /** For people. */
  readonly name: string;
  /** Whether what is said about the images comes too; default true. */
  readonly referrers?: boolean;
}

/**
 * Puts the images of an archive into the store, whichever kind it is; it may be compressed, and written by any tool.
 * Content that the store has is not read again, the rest is verified.
 * @param archive a path, or a stream such as standard input.
 * @throws {InputError} when it is not such an archive, {IntegrityError} when it is damaged.
 */
export async function loadArchive(
  ctx: Context,
  store: ImageStore,
  archive: string | Bytes,
  options: LoadOptions = { name: typeof archive === "string" ? archive : "standard input" },
): Promise<LoadedImage[]> {
  try {
    const { name } = options;
    await using opened = await openImageArchive(ctx, { archive, name, createTemporary: () => store.createTemporary() });
    return await loadImages(ctx, store, opened, options);
  } catch (error) {
    throw withName(options.name, error);
  }
}

/** Puts all images of an opened place into the store, under the names that they have there. */
export async function loadImages(
  ctx: Context,
  store: ImageStore,
  { images, content }: OpenImages,
  { referrers = true }: Pick<LoadOptions, "referrers"> = {},
): Promise<LoadedImage[]> {
  const loaded: LoadedImage[] = [];
  for (const { descriptor, name } of images) {
    await copyGraph(ctx, { from: content, to: store, root: descriptor });
    if (referrers) await copyReferrers(ctx, { from: content, to: store, root: descriptor });
    if (name === undefined) await store.keep(ctx, descriptor);
    else await store.tag(ctx, descriptor, name);
    loaded.push({ descriptor, name });
  }
  return loaded;
}

/** What readers say about an archive or its blobs does not say which archive it is. */
function withName(name: string, error: unknown): unknown {
  if (messageOf(error).startsWith("Cannot load")) return error;
  const details = { hint: "Save or download the archive again", cause: error };
  if (error instanceof IntegrityError) return new IntegrityError(`Cannot load "${name}": ${error.message}`, details);
  if (!(error instanceof InputError) || error.message.includes(`"${name}"`)) return error;
  return new InputError(`Cannot load "${name}": ${error.message}`, details);
}
