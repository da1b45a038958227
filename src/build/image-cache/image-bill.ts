import { createHash } from "node:crypto";

import { InputError, messageOf } from "../../base/error.ts";
import { isDigest, type Digest } from "../../oci/digest.ts";
import { renderPlatform, type Platform } from "../../oci/platform.ts";
import type { FileTree } from "../context/file-tree.ts";
import { readText } from "../context/read-text.ts";
import { walkTree } from "../context/walk-tree.ts";
import { renderPlace } from "../scan/scanned-image.ts";
import type { CachedImage } from "./registry-tree.ts";

/** Where an image has its bills: one file a build, so that images made of images keep those of all. */
export const BILLS_FOLDER = "images/bill";

/** Of a manifest: the container images below `registry/`, `NAME@DIGEST` each, with a blank between them. */
const IMAGES_ANNOTATION = "sealos.io.images";

/** A container image that an image brings along. */
export interface BilledImage {
  /** In its canonical form. */
  readonly name: string;
  /** What the tag of the cluster's registry means. */
  readonly digest: Digest;
  /** Absent when all images of an index are there. */
  readonly platform?: string;
  /** Of all its blobs and documents; other images may share them. */
  readonly sizeBytes: number;
  /** Where the build context names it: `FILE:LINE`. */
  readonly sources: readonly string[];
}

/** What an image says about the container images that it brings along. */
export interface ImageBill {
  /** Of the file in the image. */
  readonly path: string;
  readonly content: Buffer;
  readonly annotations: Readonly<Record<string, string>>;
}

/** @param platform undefined when all images of indexes are there */
export function billOf(images: readonly CachedImage[], platform: Platform | undefined): ImageBill {
  const billed = images
    .map((image) => toBilled(image, platform))
    .toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  const content = Buffer.from(`${JSON.stringify({ version: 1, images: billed }, undefined, 2)}\n`);
  const hash = createHash("sha256").update(content).digest("hex");
  const names = billed.map(({ name, digest }) => (name.includes("@") ? name : `${name}@${digest}`));
  return {
    path: `${BILLS_FOLDER}/${hash.slice(0, 12)}.json`,
    content,
    annotations: { [IMAGES_ANNOTATION]: names.join(" ") },
  };
}

/** Everything that the bills of an image list. @throws {InputError} for a bill that is none */
export function readBills(tree: FileTree): readonly BilledImage[] {
  const images = [...walkTree(tree, BILLS_FOLDER)].flatMap(([path, entry]) =>
    entry.type === "file" && path.endsWith(".json") ? parseBill(readText(entry), path) : [],
  );
  return [...new Map(images.map((image) => [`${image.name} ${image.digest}`, image])).values()];
}

function toBilled({ name, graph, places }: CachedImage, platform: Platform | undefined): BilledImage {
  const indexes = graph.indexes.map(({ descriptor }) => descriptor);
  const sizes = new Map([...indexes, ...graph.manifests, ...graph.blobs].map(({ digest, size }) => [digest, size]));
  return {
    name,
    digest: graph.root.digest,
    ...(platform === undefined ? {} : { platform: renderPlatform(platform) }),
    sizeBytes: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    sources: places.map(renderPlace),
  };
}

function parseBill(text: string, path: string): readonly BilledImage[] {
  try {
    const document: unknown = JSON.parse(text);
    const images = isRecord(document) && document["version"] === 1 ? document["images"] : undefined;
    if (Array.isArray(images) && images.every(isBilled)) return images;
  } catch (error) {
    throw new InputError(`Cannot read "${path}": ${messageOf(error)}`, { cause: error });
  }
  throw new InputError(`Cannot read "${path}": it is no bill of images of version 1`);
}

function isBilled(value: unknown): value is BilledImage {
  if (!isRecord(value)) return false;
  const { name, digest, sources, sizeBytes } = value;
  return (
    typeof name === "string" &&
    typeof digest === "string" &&
    isDigest(digest) &&
    typeof sizeBytes === "number" &&
    Array.isArray(sources) &&
    sources.every((source) => typeof source === "string")
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
