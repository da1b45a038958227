import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { bytesOf, type Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { InputError, NotFoundError, systemCode } from "../../base/error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { digestOf, isDigest, type Digest } from "../../oci/digest.ts";
import { parseImageConfig } from "../../oci/image-config.ts";
import type { StorageLocation } from "../../oci/image-location.ts";
import { isImageIndex, parseManifest } from "../../oci/manifest.ts";
import { MEDIA_TYPES } from "../../oci/media-type.ts";
import { candidateNames } from "../image-names.ts";
import type { OpenImages } from "./image-archive.ts";
import { findStoredImage, type StorageImage, type StorageLayer } from "./storage-records.ts";
import { assembleTar, measureTar } from "./tar-split.ts";

/** Where content is by its digest. */
type Contents = Map<Digest, (ctx: Context) => Bytes>;

/**
 * Opens an image of podman, buildah or CRI-O. Its layers are unpacked there and come as the tar files that they were,
 * uncompressed: so the manifest is another one than that of its registry; the image ID is the same.
 * @param roots the storages of this machine: where to look when the location names none.
 */
export async function openContainersStorage(location: StorageLocation, roots: readonly string[]): Promise<OpenImages> {
  const searched = location.root === undefined ? roots : [location.root];
  const image = await findStoredImage(searched, location.name, roots);
  const contents: Contents = new Map();
  const descriptor = await describe(image, contents);
  const name = image.names.find((candidate) => candidateNames(location.name, true).includes(candidate));
  return {
    format: "containers-storage",
    images: [{ descriptor, name: name ?? image.names[0], labels: [location.name] }],
    content: {
      async fetch(ctx, { digest }) {
        const open = contents.get(digest);
        if (open) return open(ctx);
        throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot find ${digest} in "${image.storage.root}"`);
      },
      findTag: async () => undefined,
      listReferrers: async () => [],
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

async function describe(image: StorageImage, contents: Contents): Promise<Descriptor> {
  const stored = parseManifest(await readBigData(image, "manifest"));
  if (isImageIndex(stored)) {
    throw new InputError(`Cannot read image "${image.id}" of "${image.storage.root}": it is a list of images`, {
      hint: "Name one of its images by @ID",
    });
  }
  const config = await readBigData(image, stored.config.digest);
  const diffIds = parseImageConfig(config).rootfs.diff_ids;
  if (image.layers.length !== diffIds.length) {
    throw new InputError(
      `Cannot read image "${image.id}": it has ${diffIds.length} diff IDs, "${image.storage.root}" ${image.layers.length} layers`,
    );
  }
  const layers: Descriptor[] = [];
  for (const [position, layer] of image.layers.entries()) {
    const digest = diffIds[position];
    if (digest !== undefined) layers.push(await describeLayer(layer, { digest, contents }));
  }
  const keep = (mediaType: string, content: Buffer): Descriptor => {
    const digest = digestOf(content);
    contents.set(digest, () => bytesOf(content));
    return { mediaType, digest, size: content.byteLength };
  };
  const mediaType = MEDIA_TYPES.ociManifest;
  const document = { schemaVersion: 2, mediaType, config: keep(MEDIA_TYPES.ociConfig, config), layers };
  return keep(mediaType, Buffer.from(JSON.stringify(document)));
}

async function describeLayer(
  layer: StorageLayer,
  { digest, contents }: { digest: Digest; contents: Contents },
): Promise<Descriptor> {
  const { root, driver } = layer.storage;
  const split = join(root, `${driver}-layers`, `${layer.id}.tar-split.gz`);
  if (!(await stat(split).catch(() => undefined))) {
    throw new InputError(
      `Cannot read layer ${digest} of "${root}": how its tar file was is not recorded ("${split}")`,
      {
        hint: "Write the image to a file with `podman save --format oci-archive`, and load that",
      },
    );
  }
  const folder = driver === "vfs" ? join(root, "vfs/dir", layer.id) : join(root, driver, layer.id, "diff");
  contents.set(digest, (ctx) => assembleTar(ctx, { split, folder }));
  return { mediaType: MEDIA_TYPES.ociLayer, digest, size: layer.sizeBytes ?? (await measureTar(split)) };
}

/** A document that the storage keeps with an image. Its file is named after its key, or that in base64. */
async function readBigData({ id, storage }: StorageImage, key: string): Promise<Buffer> {
  const name = isDigest(key) ? `=${Buffer.from(key).toString("base64")}` : key;
  const path = join(storage.root, `${storage.driver}-images`, id, name);
  try {
    return await readFile(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    throw new InputError(`Cannot read image "${id}": the storage lacks its part "${path}"`, { cause: error });
  }
}
