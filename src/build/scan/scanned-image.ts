import { parseReference, renderReference, type Reference } from "../../oci/reference.ts";

/** Where an image is named. */
export interface ImagePlace {
  /** In the build context. */
  readonly file: string;
  /** From 1; absent when it cannot be told, as for what a template computes. */
  readonly line?: number | undefined;
  /** Name of the chart that gives the image. */
  readonly chart?: string | undefined;
  /** Path of the template with the names of the charts, when the file is a packaged chart. */
  readonly template?: string | undefined;
  /** The values that the chart takes the image from, when that can be traced. */
  readonly values?: { readonly file: string; readonly line: number } | undefined;
}

/** A name of an image as it is written somewhere. */
export interface Mention {
  /** A valid name, perhaps short. */
  readonly text: string;
  readonly place: ImagePlace;
}

/** An image that a build context needs. */
export interface ScannedImage {
  /** In its canonical form. */
  readonly name: string;
  readonly reference: Reference;
  /** At least one, in the order in which they were found. */
  readonly places: readonly ImagePlace[];
}

/** An image in an archive of the build context. */
export interface ArchivedImage extends ScannedImage {
  readonly archive: { readonly format: "docker-archive" | "oci-archive"; readonly path: string };
}

/** Each image once, in the order of their first mention, without those that are ignored. */
export function collectImages(
  mentions: readonly Mention[],
  isIgnored: (text: string, reference: Reference) => boolean,
): readonly ScannedImage[] {
  const images = new Map<string, ScannedImage>();
  for (const { text, place } of mentions) {
    const reference = parseReference(text);
    if (isIgnored(text, reference)) continue;
    const name = renderReference(reference);
    const places = images.get(name)?.places ?? [];
    if (!places.some((known) => isSamePlace(known, place))) {
      images.set(name, { name, reference, places: [...places, place] });
    }
  }
  return [...images.values()];
}

/** `file:line`, for messages; with the template for what is in a package. */
export function renderPlace({ file, line, template }: ImagePlace): string {
  const inner = template === undefined ? file : `${file}!${template}`;
  return line === undefined ? inner : `${inner}:${line}`;
}

/** `"name" (file:line)`, for messages. */
export function renderImage({ name, places }: ScannedImage): string {
  const [place] = places;
  return place ? `"${name}" (${renderPlace(place)})` : `"${name}"`;
}

function isSamePlace(a: ImagePlace, b: ImagePlace): boolean {
  return a.file === b.file && a.line === b.line && a.template === b.template;
}
