import { InputError, NotFoundError } from "../../base/error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { ImageIndex } from "../../oci/manifest.ts";
import { candidateNames, namedEntry, rawNames } from "../image-names.ts";
import { isReferrerTag } from "../../oci/referrers.ts";

/** One image of a folder or archive that can hold several. */
export interface ListedImage {
  readonly descriptor: Descriptor;
  /** Canonical; absent when what it is called is no full name. */
  readonly name: string | undefined;
  /** What it is called there. */
  readonly labels: readonly string[];
}

/** What the index of an image layout lists, without what is said about its images. */
export function listIndex(index: ImageIndex): readonly ListedImage[] {
  return index.manifests
    .map((entry) => ({ ...namedEntry(entry), labels: rawNames(entry) }))
    .filter(({ labels }) => !labels.some(isReferrerTag));
}

/**
 * The image that `text` chooses: a name, a digest, or `@` and a position; the only one when there is no text.
 * @param place for people.
 * @throws {NotFoundError} naming what there is, {InputError} when the choice is not clear.
 */
export function selectImage(
  images: readonly ListedImage[],
  { text, place }: { text: string | undefined; place: string },
): ListedImage {
  const position = /^@(\d+)$/.exec(text ?? "")?.[1];
  const found = position === undefined ? findByName(images, text) : images[Number(position)];
  if (found) return found;
  const there = images.map(({ labels, descriptor }) => labels[0] ?? descriptor.digest).join(", ") || "no image";
  if (text === undefined && images.length > 1) {
    throw new InputError(`Cannot choose an image of "${place}": it holds ${images.length}: ${there}`, {
      hint: `Add the name: ${place}:NAME`,
    });
  }
  throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot find image "${text ?? ""}" in "${place}": it holds ${there}`, {
    hint: "Choose one of the names that it holds",
  });
}

function findByName(images: readonly ListedImage[], text: string | undefined): ListedImage | undefined {
  if (text === undefined) {
    const digests = new Set(images.map(({ descriptor }) => descriptor.digest));
    return digests.size === 1 ? images[0] : undefined;
  }
  const canonical = candidateNames(text, true);
  return (
    images.find(({ labels, descriptor }) => labels.includes(text) || descriptor.digest === text) ??
    images.find(({ name }) => name !== undefined && canonical.includes(name))
  );
}
