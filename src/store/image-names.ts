import { systemCode } from "../base/error.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { isDigest, type Digest } from "../oci/digest.ts";
import type { ImageIndex } from "../oci/manifest.ts";
import { isReferrerTag, subjectOfTag } from "../oci/referrers.ts";
import { namesRegistry, parseReference, renderReference } from "../oci/reference.ts";

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md */
const NAME_ANNOTATION = "org.opencontainers.image.ref.name";
const CONTAINERD_ANNOTATION = "io.containerd.image.name";

/** An image of the store; without names it is what `docker images` calls `<none>`. */
export interface StoredImage {
  readonly descriptor: Descriptor;
  /** Canonical, for instance `localhost/web:v1`, in the order of the index. */
  readonly names: readonly string[];
}

/** The name of an entry of the index. */
function nameOf(entry: Descriptor): string | undefined {
  return entry.annotations?.[NAME_ANNOTATION];
}

/** The images that the index lists, each once; what is said about them is left out. */
export function storedImages(index: ImageIndex): StoredImage[] {
  const images = new Map<Digest, { descriptor: Descriptor; names: string[] }>();
  for (const entry of index.manifests) {
    if (subjectOf(entry) !== undefined) continue;
    const image = images.get(entry.digest) ?? { descriptor: withoutAnnotation(entry), names: [] };
    const name = nameOf(entry);
    if (name !== undefined) image.names.push(name);
    images.set(entry.digest, image);
  }
  return [...images.values()];
}

/**
 * The digest that an entry says something about: it is then an index of referrers or something of cosign's, and stays
 * as long as the image does. Undefined for an image.
 */
export function subjectOf(entry: Descriptor): { readonly digest: string; readonly tag: string } | undefined {
  const tag = nameOf(entry);
  return tag !== undefined && isReferrerTag(tag) ? { digest: subjectOfTag(tag), tag } : undefined;
}

/** Puts an entry in the place of the one with the same referrer tag. */
export function withReferrerTag(index: ImageIndex, target: Descriptor, tag: string): ImageIndex {
  const others = index.manifests.filter((entry) => nameOf(entry) !== tag);
  return { ...index, manifests: [...others, { ...target, annotations: { [NAME_ANNOTATION]: tag } }] };
}

/** The entry of exactly this name. */
export function findEntry(index: ImageIndex, name: string): Descriptor | undefined {
  const entry = index.manifests.find((candidate) => nameOf(candidate) === name);
  return entry && withoutAnnotation(entry);
}

/** Gives an image a name; the image that had it before stays, without it. */
export function withName(index: ImageIndex, target: Descriptor, name: string): ImageIndex {
  const others = withoutName(index, name).manifests.filter(
    (entry) => entry.digest !== target.digest || nameOf(entry) !== undefined,
  );
  const annotations = { ...target.annotations, [NAME_ANNOTATION]: name };
  return { ...index, manifests: [...others, { ...target, annotations }] };
}

/** Takes a name away; an image without any name left stays listed. */
export function withoutName(index: ImageIndex, name: string): ImageIndex {
  const [named, others] = [index.manifests.filter(hasName(name)), index.manifests.filter((e) => !hasName(name)(e))];
  const orphans = named.filter(({ digest }) => !others.some((entry) => entry.digest === digest));
  return { ...index, manifests: [...others, ...orphans.map(withoutAnnotation)] };
}

/** Lists an image that has no name, unless it is listed already. */
export function withImage(index: ImageIndex, target: Descriptor): ImageIndex {
  if (index.manifests.some(({ digest }) => digest === target.digest)) return index;
  return { ...index, manifests: [...index.manifests, withoutAnnotation(target)] };
}

export function withoutImages(index: ImageIndex, digests: ReadonlySet<Digest>): ImageIndex {
  return { ...index, manifests: index.manifests.filter(({ digest }) => !digests.has(digest)) };
}

/**
 * An entry of a foreign index, with the canonical name it gives its image: what containerd and Docker wrote, else what
 * skopeo and buildah did. A tag alone is no name.
 */
export function namedEntry({ annotations, ...entry }: Descriptor): {
  descriptor: Descriptor;
  name: string | undefined;
} {
  const { [CONTAINERD_ANNOTATION]: containerdName, ...others } = annotations ?? {};
  const texts = [containerdName, others[NAME_ANNOTATION]];
  const name = texts.flatMap((text) => (text?.includes("/") ? candidateNames(text, false) : []))[0];
  return { descriptor: withoutAnnotation({ ...entry, annotations: others }), name };
}

/** What a foreign index calls an image, as it is written there. */
export function rawNames({ annotations }: Descriptor): readonly string[] {
  return [annotations?.[CONTAINERD_ANNOTATION], annotations?.[NAME_ANNOTATION]].flatMap((text) => text ?? []);
}

/**
 * The canonical names that a text may mean, best first: with `isShort` a name without registry is looked for in
 * `localhost/`, where builds put it, before docker.io. Empty when the text cannot be a name.
 */
export function candidateNames(text: string, isShort: boolean): string[] {
  try {
    const canonical = renderReference(parseReference(text));
    const local = !isShort || namesRegistry(text) ? [] : [renderReference(parseReference(`localhost/${text}`))];
    return [...new Set([...local, canonical])];
  } catch (error) {
    if (systemCode(error) === "INVALID_REFERENCE") return [];
    throw error;
  }
}

/** The digest of `name@sha256:…` or of a digest alone. */
export function findDigestIn(text: string): Digest | undefined {
  const digest = text.slice(text.indexOf("@") + 1);
  return isDigest(digest) ? digest : undefined;
}

/** The hex digits of a shortened image ID, as `sealos images` shows them. */
export function findIdPrefix(text: string): string | undefined {
  return /^(?:sha256:)?([0-9a-f]{4,64})$/.exec(text)?.[1];
}

function hasName(name: string): (entry: Descriptor) => boolean {
  return (entry) => nameOf(entry) === name;
}

function withoutAnnotation({ annotations, ...entry }: Descriptor): Descriptor {
  const { [NAME_ANNOTATION]: _, ...rest } = annotations ?? {};
  return Object.keys(rest).length === 0 ? entry : { ...entry, annotations: rest };
}
