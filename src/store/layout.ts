import { join } from "node:path";

import { InputError } from "../base/error.ts";
import { algorithmOf, hexOf, isDigest, type Digest } from "../oci/digest.ts";
import { isImageIndex, parseManifest, type ImageIndex } from "../oci/manifest.ts";
import { MEDIA_TYPES } from "../oci/media-type.ts";

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md */
export const LAYOUT_FILE = "oci-layout";
export const INDEX_FILE = "index.json";
export const LAYOUT_CONTENT = '{"imageLayoutVersion":"1.0.0"}';

/** Uncompressed layers and indexes of their members, by diff ID: not part of the layout, made again when needed. */
export const LAYER_CACHE_FOLDER = "cache/layers";

/** Unpacked layers by kind of owner and diff ID, for commands of builds: made again when needed. */
export const UNPACKED_FOLDER = "cache/unpacked";

/** What commands of builds keep between them in cache mounts, by kind of owner and name. */
export const COMMAND_CACHE_FOLDER = "cache/commands";

/** Large blobs that have not come whole yet, by their hash. */
export const PARTIAL_FOLDER = "cache/partial";

/** What builds know of the layers that they have made, and of the files that they were made of. */
export const LAYER_RECORDS_FOLDER = "cache/build/layers";
export const FILE_HASHES_FILE = "cache/build/files.json";

export const EMPTY_INDEX: ImageIndex = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [] };

/** Of a blob in a layout, relative to its root folder. */
export function blobFile(digest: Digest): string {
  return join("blobs", algorithmOf(digest), hexOf(digest));
}

/** The digest that a file of the layout is named after, or undefined. */
export function findDigest(path: string): Digest | undefined {
  const [folder, algorithm, hex, ...rest] = path.split("/");
  const digest = `${algorithm}:${hex}`;
  return folder === "blobs" && rest.length === 0 && isDigest(digest) ? digest : undefined;
}

/** @throws {InputError} when the content is not an index of a layout. */
export function parseIndexFile(content: Uint8Array): ImageIndex {
  const index = parseManifest(content, MEDIA_TYPES.ociIndex);
  if (isImageIndex(index)) return index;
  throw new InputError(`Cannot read ${INDEX_FILE}: it is not an image index`);
}

export function renderIndexFile(index: ImageIndex): string {
  return `${JSON.stringify(index)}\n`;
}
