import { InputError, NotFoundError } from "../base/error.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { ImageIndex } from "../oci/manifest.ts";
import { hexOf } from "../oci/digest.ts";
import { findImageId } from "./image-graph.ts";
import { candidateNames, findDigestIn, findIdPrefix, storedImages } from "./image-names.ts";

export interface FoundImage {
  readonly descriptor: Descriptor;
  /** The canonical name that was found; absent when the image was found by its digest or ID. */
  readonly name: string | undefined;
}

export interface ImageQuery {
  readonly text: string;
  /** Whether names without a registry may be in `localhost/`, and IDs shortened. */
  readonly isShort: boolean;
}

/** @throws {NotFoundError} IMAGE_NOT_FOUND, {InputError} when an ID fits several images. */
export async function findImage(root: string, index: ImageIndex, { text, isShort }: ImageQuery): Promise<FoundImage> {
  const names = candidateNames(text, isShort);
  const found = findExact(index, [text, ...names], text) ?? (isShort ? await findById(root, index, text) : undefined);
  if (found) return found;
  const searched = [...names, ...(isShort ? ["image IDs"] : [])].join(", ");
  throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot find image "${text}": searched for ${searched} in "${root}"`, {
    hint: "Build or pull it first; `sealos images` lists what is there",
  });
}

function findExact(index: ImageIndex, names: readonly string[], text: string): FoundImage | undefined {
  const images = storedImages(index);
  for (const name of names) {
    const image = images.find((candidate) => candidate.names.includes(name));
    if (image) return { descriptor: image.descriptor, name };
  }
  const digest = findDigestIn(text);
  const image = images.find(({ descriptor }) => descriptor.digest === digest);
  return image && { descriptor: image.descriptor, name: undefined };
}

async function findById(root: string, index: ImageIndex, text: string): Promise<FoundImage | undefined> {
  const prefix = findIdPrefix(text);
  if (prefix === undefined) return undefined;
  const found: Descriptor[] = [];
  for (const { descriptor } of storedImages(index)) {
    const imageId = await findImageId(root, descriptor);
    const ids = [descriptor.digest, ...(imageId ? [imageId] : [])];
    if (ids.some((id) => hexOf(id).startsWith(prefix))) found.push(descriptor);
  }
  if (found.length > 1) {
    throw new InputError(`Cannot find image "${text}": the ID fits ${found.length} images`, {
      hint: "Write more digits of the ID, or the image's name",
    });
  }
  return found[0] && { descriptor: found[0], name: undefined };
}
