import type { Context } from "../../base/context.ts";
import { assertNever } from "../../base/error.ts";
import type { ImageLocation } from "../../oci/image-location.ts";
import { openContainersStorage } from "./containers-storage.ts";
import { DirFolder } from "./dir-folder.ts";
import { openImageArchive, type OpenImages } from "./image-archive.ts";
import { LayoutFolder } from "./layout-folder.ts";

/** A place of this machine's file system that holds images. */
export type LocalLocation = Exclude<ImageLocation, { readonly transport: "store" | "docker" }>;

export interface OpenOptions {
  /** Where a compressed archive is unpacked to. */
  readonly createTemporary: () => string;
  /** Where containers-storage is looked for. */
  readonly findStorageRoots: () => Promise<readonly string[]>;
}

/** Opens a place to read its images. @throws {InputError} when it is not what the transport says. */
export async function openImages(
  ctx: Context,
  location: LocalLocation,
  { createTemporary, findStorageRoots }: OpenOptions,
): Promise<OpenImages> {
  switch (location.transport) {
    case "oci":
      return openLayout(location.path);
    case "dir":
      return openDir(location.path);
    case "oci-archive":
    case "docker-archive":
      return openImageArchive(ctx, { archive: location.path, name: location.path, createTemporary });
    case "containers-storage":
      return openContainersStorage(location, await findStorageRoots());
    default:
      return assertNever(location);
  }
}

async function openLayout(path: string): Promise<OpenImages> {
  const layout = await LayoutFolder.open(path);
  return { format: "oci", images: await layout.list(), content: layout, [Symbol.asyncDispose]: async () => {} };
}

async function openDir(path: string): Promise<OpenImages> {
  const folder = new DirFolder(path);
  const images = [{ descriptor: await folder.image(), name: undefined, labels: [] }];
  return { format: "dir", images, content: folder, [Symbol.asyncDispose]: async () => {} };
}
