import { InputError, messageOf } from "../base/error.ts";
import type { Descriptor } from "./descriptor.ts";
import { isDigest } from "./digest.ts";
import { isIndexType, isManifestType, MEDIA_TYPES } from "./media-type.ts";

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md */
export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md */
export interface ImageIndex {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** No manifest is larger; the distribution registry refuses more than this too. */
export const MANIFEST_LIMIT_BYTES = 4 * 1024 * 1024;

/** @throws {InputError} when the document is not a manifest or index of the given or any known media type. */
export function parseManifest(content: Uint8Array, mediaType?: string): Manifest | ImageIndex {
  const document = parseObject(content);
  const type = mediaType ?? (typeof document["mediaType"] === "string" ? document["mediaType"] : guessType(document));
  const value: unknown = { ...document, mediaType: type };
  if (isManifestType(type) && isManifest(value)) return value;
  if (isIndexType(type) && isIndex(value)) return value;
  throw new InputError(`Cannot read a manifest of media type "${type}": its fields are not those of an image`);
}

export function isImageIndex(document: Manifest | ImageIndex): document is ImageIndex {
  return "manifests" in document;
}

/** What a manifest or index refers to directly, children before the document itself. */
export function childrenOf(document: Manifest | ImageIndex): readonly Descriptor[] {
  return isImageIndex(document) ? document.manifests : [document.config, ...document.layers];
}

function parseObject(content: Uint8Array): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(Buffer.from(content).toString("utf8"));
    if (isRecord(document)) return document;
  } catch (error) {
    throw new InputError(`Cannot read a manifest: ${messageOf(error)}`, { cause: error });
  }
  throw new InputError("Cannot read a manifest: it is not a JSON object");
}

function guessType(document: Record<string, unknown>): string {
  return "manifests" in document ? MEDIA_TYPES.ociIndex : MEDIA_TYPES.ociManifest;
}

function isManifest(value: unknown): value is Manifest {
  return isRecord(value) && isDescriptor(value["config"]) && isDescriptorList(value["layers"]);
}

function isIndex(value: unknown): value is ImageIndex {
  return isRecord(value) && isDescriptorList(value["manifests"]);
}

function isDescriptorList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isDescriptor);
}

function isDescriptor(value: unknown): value is Descriptor {
  return (
    isRecord(value) &&
    typeof value["mediaType"] === "string" &&
    typeof value["digest"] === "string" &&
    isDigest(value["digest"]) &&
    Number.isSafeInteger(value["size"]) &&
    Number(value["size"]) >= 0
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
