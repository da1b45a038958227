import { createHash } from "node:crypto";
import { posix } from "node:path";

import { fileChunks } from "../../archive/file-chunks.ts";
import type { FileContent } from "../../archive/tar-entry.ts";
import { bytesOf, collect, type Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { InputError, messageOf, NotFoundError } from "../../base/error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { digestFromHash, digestOf, type Digest } from "../../oci/digest.ts";
import { parseImageConfig } from "../../oci/image-config.ts";
import { MANIFEST_LIMIT_BYTES } from "../../oci/manifest.ts";
import { layerMediaType, MEDIA_TYPES } from "../../oci/media-type.ts";
import type { ReferrerSource } from "../../oci/referrers.ts";
import { candidateNames } from "../image-names.ts";
import type { ListedImage } from "./listed-images.ts";
import { compressionOf, type TarFiles } from "./tar-files.ts";

/** https://github.com/moby/docker-image-spec/blob/v1.3.1/spec.md#combined-image-json--filesystem-changeset-format */
export const DOCKER_MANIFEST_FILE = "manifest.json";

interface DockerImage {
  readonly config: string;
  readonly tags: readonly string[];
  readonly layers: readonly string[];
}

/** Where content is by its digest: in the archive, or in memory. */
type Contents = Map<Digest, FileContent | Buffer>;

/**
 * Opens what `docker save` writes. It has no manifests: they are made here, of OCI's kind, so their digests are not
 * those of the registry that the image came from; the configuration, and with it the image ID, is unchanged.
 */
export async function openDockerArchive(
  ctx: Context,
  tar: TarFiles,
): Promise<{ images: readonly ListedImage[]; content: ReferrerSource }> {
  const contents: Contents = new Map();
  const images: ListedImage[] = [];
  for (const image of parseDockerManifest(await readFile(ctx, tar, DOCKER_MANIFEST_FILE))) {
    const descriptor = await describeImage(ctx, { tar, contents }, image);
    const named = image.tags.map((tag) => ({ descriptor, name: candidateNames(tag, false)[0], labels: [tag] }));
    images.push(...(named.length === 0 ? [{ descriptor, name: undefined, labels: [] }] : named));
  }
  return { images, content: contentSource(tar.name, contents) };
}

async function describeImage(
  ctx: Context,
  { tar, contents }: { tar: TarFiles; contents: Contents },
  image: DockerImage,
): Promise<Descriptor> {
  const config = await readFile(ctx, tar, image.config);
  const { rootfs } = parseImageConfig(config);
  if (rootfs.diff_ids.length !== image.layers.length) {
    throw new InputError(
      `Cannot read "${tar.name}": an image has ${image.layers.length} layers and ${rootfs.diff_ids.length} diff IDs`,
    );
  }
  const layers: Descriptor[] = [];
  for (const [position, path] of image.layers.entries()) {
    const diffId = rootfs.diff_ids[position];
    const file = fileOf(tar, path);
    const layer = await describeLayer(ctx, { file, path, diffId });
    contents.set(layer.digest, file);
    layers.push(layer);
  }
  const keep = (mediaType: string, content: Buffer): Descriptor => {
    const digest = digestOf(content);
    contents.set(digest, content);
    return { mediaType, digest, size: content.byteLength };
  };
  const mediaType = MEDIA_TYPES.ociManifest;
  const document = { schemaVersion: 2, mediaType, config: keep(MEDIA_TYPES.ociConfig, config), layers };
  return keep(mediaType, Buffer.from(JSON.stringify(document)));
}

/** A layer that is not packed is what its diff ID says, or damaged: it is verified when it is read. */
async function describeLayer(
  ctx: Context,
  { file, path, diffId }: { file: FileContent; path: string; diffId: Digest | undefined },
): Promise<Descriptor> {
  const compression = await compressionOf(ctx, file);
  if (compression === "bzip2" || compression === "xz") {
    throw new InputError(`Cannot read layer "${path}": it is packed with ${compression}, expected gzip or zstd`);
  }
  const isPlain = compression === "none" && diffId !== undefined;
  const digest = isPlain ? diffId : await hashOf(fileChunks(ctx, file));
  return { mediaType: layerMediaType(compression), digest, size: file.length };
}

async function hashOf(content: Bytes): Promise<Digest> {
  const hash = createHash("sha256");
  for await (const chunk of content) hash.update(chunk);
  return digestFromHash(hash);
}

function fileOf({ name, files }: TarFiles, path: string): FileContent {
  const file = files.get(posix.normalize(path));
  if (file) return file;
  throw new InputError(`Cannot read "${name}": the archive lacks its part "${path}"`, { hint: "Save the image again" });
}

async function readFile(ctx: Context, tar: TarFiles, path: string): Promise<Buffer> {
  const file = fileOf(tar, path);
  if (file.length <= MANIFEST_LIMIT_BYTES) return collect(fileChunks(ctx, file), MANIFEST_LIMIT_BYTES);
  throw new InputError(`Cannot read "${tar.name}": "${path}" has ${file.length} bytes, too many for a document`);
}

/** @throws {InputError} when the document is not a list of images. */
export function parseDockerManifest(content: Uint8Array): readonly DockerImage[] {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(content).toString("utf8"));
  } catch (error) {
    throw new InputError(`Cannot read ${DOCKER_MANIFEST_FILE}: ${messageOf(error)}`, { cause: error });
  }
  if (Array.isArray(document) && document.length > 0) return document.map(toDockerImage);
  throw new InputError(`Cannot read ${DOCKER_MANIFEST_FILE}: it is not a list of images`, {
    hint: "Save the image again",
  });
}

function toDockerImage(value: unknown): DockerImage {
  const { Config, RepoTags, Layers } = value as { [key: string]: unknown };
  const layers = textsOf(Layers);
  if (typeof Config === "string" && layers) return { config: Config, layers, tags: textsOf(RepoTags) ?? [] };
  throw new InputError(`Cannot read ${DOCKER_MANIFEST_FILE}: an image lacks Config or Layers`);
}

function textsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
}

function contentSource(name: string, contents: Contents): ReferrerSource {
  return {
    async fetch(ctx, { digest }) {
      const content = contents.get(digest);
      if (content) return content instanceof Uint8Array ? bytesOf(content) : fileChunks(ctx, content);
      throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot read "${name}": the archive lacks ${digest}`);
    },
    findTag: async () => undefined,
    listReferrers: async () => undefined,
  };
}
