import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import type { Descriptor } from "../oci/descriptor.ts";
import { hexOf, isDigest, type Digest } from "../oci/digest.ts";
import { parseImageConfig } from "../oci/image-config.ts";
import { childrenOf, isImageIndex, MANIFEST_LIMIT_BYTES, parseManifest, type ImageIndex } from "../oci/manifest.ts";
import { isForeignLayer, isIndexType, isManifestType } from "../oci/media-type.ts";
import { subjectOf } from "./image-names.ts";
import { blobFile } from "./layout.ts";

/** Everything that images refer to. */
export interface ImageContent {
  readonly digests: ReadonlySet<Digest>;
  /** Of layers, in hex digits. */
  readonly diffIds: ReadonlySet<string>;
  /** Those of `digests` that are layers which only their owner hands out: they need not be here. */
  readonly foreign: ReadonlySet<Digest>;
}

/** Walks from images to their blobs. What is missing or damaged counts as referred to and is not walked into. */
export async function imageContent(root: string, images: Iterable<Descriptor>): Promise<ImageContent> {
  const digests = new Set<Digest>();
  const diffIds = new Set<string>();
  const foreign = new Set<Digest>();
  const queue = [...images];
  for (let next = queue.pop(); next; next = queue.pop()) {
    if (digests.has(next.digest)) continue;
    digests.add(next.digest);
    if (isForeignLayer(next.mediaType)) foreign.add(next.digest);
    if (!isManifestType(next.mediaType) && !isIndexType(next.mediaType)) continue;
    const document = await findDocument(root, next, (content) => parseManifest(content, next.mediaType));
    if (!document) continue;
    queue.push(...childrenOf(document));
    if (!isImageIndex(document)) for (const diffId of await diffIdsOf(root, document.config)) diffIds.add(diffId);
  }
  return { digests, diffIds, foreign };
}

/** Something that is said about an image, and the tag that it is found by. */
export interface TaggedReferrer {
  readonly descriptor: Descriptor;
  readonly tag: string;
}

/** What an index lists about images and what they refer to, in turn about that. */
export async function findAbout(
  root: string,
  index: ImageIndex,
  images: readonly Descriptor[],
): Promise<readonly TaggedReferrer[]> {
  const entries = index.manifests.flatMap((entry) => {
    const subject = subjectOf(entry);
    return subject === undefined ? [] : [{ ...subject, descriptor: entry }];
  });
  const found = new Set<(typeof entries)[number]>();
  for (let size = -1; size !== found.size && found.size < entries.length;) {
    size = found.size;
    const { digests } = await imageContent(root, [...images, ...[...found].map(({ descriptor }) => descriptor)]);
    const there: ReadonlySet<string> = digests;
    for (const entry of entries) if (there.has(entry.digest)) found.add(entry);
  }
  return [...found].map(({ descriptor, tag }) => ({ descriptor, tag }));
}

/** Leaves out what is said about images that the index does not list any more. */
export async function withoutOrphans(root: string, index: ImageIndex): Promise<ImageIndex> {
  const images = index.manifests.filter((entry) => subjectOf(entry) === undefined);
  const kept = await findAbout(root, index, images);
  if (images.length + kept.length === index.manifests.length) return index;
  const about = new Set(kept.map(({ descriptor }) => descriptor));
  return { ...index, manifests: index.manifests.filter((entry) => !subjectOf(entry) || about.has(entry)) };
}

/** The configuration's digest, which is the image ID; undefined for an index and for what cannot be read. */
export async function findImageId(root: string, image: Descriptor): Promise<Digest | undefined> {
  if (!isManifestType(image.mediaType)) return undefined;
  const manifest = await findDocument(root, image, (content) => parseManifest(content, image.mediaType));
  return manifest && !isImageIndex(manifest) ? manifest.config.digest : undefined;
}

async function diffIdsOf(root: string, config: Descriptor): Promise<string[]> {
  const image = await findDocument(root, config, parseImageConfig);
  const diffIds: readonly unknown[] = Array.isArray(image?.rootfs.diff_ids) ? image.rootfs.diff_ids : [];
  return diffIds.flatMap((diffId) => (typeof diffId === "string" && isDigest(diffId) ? [hexOf(diffId)] : []));
}

async function findDocument<T>(
  root: string,
  { digest }: Descriptor,
  parse: (content: Buffer) => T,
): Promise<T | undefined> {
  const path = join(root, blobFile(digest));
  try {
    if ((await stat(path)).size > MANIFEST_LIMIT_BYTES) return undefined;
    return parse(await readFile(path));
  } catch {
    return undefined; // whoever uses the image is told; keeping and removing it must work nevertheless
  }
}
