import { fileChunks } from "../../archive/file-chunks.ts";
import { collect, type Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { InputError, NotFoundError } from "../../base/error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { MANIFEST_LIMIT_BYTES } from "../../oci/manifest.ts";
import type { ReferrerSource } from "../../oci/referrers.ts";
import { rawNames } from "../image-names.ts";
import { blobFile, INDEX_FILE, LAYOUT_FILE, parseIndexFile } from "../layout.ts";
import { DOCKER_MANIFEST_FILE, openDockerArchive } from "./docker-archive.ts";
import { listIndex, type ListedImage } from "./listed-images.ts";
import { openTarFiles, type TarFiles } from "./tar-files.ts";

/** The images of a folder or archive, opened to be read. */
export interface OpenImages extends AsyncDisposable {
  readonly format: "oci-archive" | "docker-archive" | "oci" | "dir" | "containers-storage";
  readonly images: readonly ListedImage[];
  readonly content: ReferrerSource;
}

export interface ArchiveSource {
  /** A path, or a stream such as standard input. */
  readonly archive: string | Bytes;
  readonly name: string;
  readonly createTemporary: () => string;
}

/**
 * Opens an `oci-archive` or `docker-archive`, also a compressed one; it is found out which it is.
 * @throws {InputError} when it is neither.
 */
export async function openImageArchive(ctx: Context, source: ArchiveSource): Promise<OpenImages> {
  const tar = await openTarFiles(ctx, source);
  try {
    const opened = await openFiles(ctx, tar);
    return { ...opened, [Symbol.asyncDispose]: () => tar[Symbol.asyncDispose]() };
  } catch (error) {
    await tar[Symbol.asyncDispose]();
    throw error;
  }
}

async function openFiles(ctx: Context, tar: TarFiles): Promise<Omit<OpenImages, typeof Symbol.asyncDispose>> {
  const index = tar.files.get(INDEX_FILE);
  if (index && tar.files.has(LAYOUT_FILE)) {
    const document = parseIndexFile(await collect(fileChunks(ctx, index), MANIFEST_LIMIT_BYTES));
    const findTag = (tag: string): Descriptor | undefined =>
      document.manifests.find((entry) => rawNames(entry).includes(tag));
    return { format: "oci-archive", images: listIndex(document), content: layoutContent(tar, findTag) };
  }
  if (tar.files.has(DOCKER_MANIFEST_FILE)) {
    return { format: "docker-archive", ...(await openDockerArchive(ctx, tar)) };
  }
  throw new InputError(`Cannot read "${tar.name}": it is not an image archive`, {
    hint: "Name an oci-archive or docker-archive, as `sealos save` and `docker save` write it",
  });
}

function layoutContent(
  { name, files }: TarFiles,
  findTag: (tag: string) => Descriptor | undefined,
): OpenImages["content"] {
  return {
    async fetch(ctx, { digest }) {
      const file = files.get(blobFile(digest));
      if (file) return fileChunks(ctx, file);
      throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot read "${name}": the archive lacks ${digest}`, {
        hint: "Save the image again",
      });
    },
    findTag: async (_, tag) => findTag(tag),
    listReferrers: async () => undefined,
  };
}
