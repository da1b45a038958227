import type { Context } from "../../base/context.ts";
import { InputError } from "../../base/error.ts";
import { copyGraph } from "../../oci/copy-graph.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { ImageStore } from "../../store/image-store.ts";
import { openImageArchive, type OpenImages } from "../../store/transport/image-archive.ts";
import type { FileTree } from "../context/file-tree.ts";
import type { ArchivedImage } from "../scan/scanned-image.ts";

/** Puts an image of an archive in the build context into the store, under the name that the list gives it. */
export async function loadArchived(
  ctx: Context,
  { archive, name }: ArchivedImage,
  { store, context }: { readonly store: ImageStore; readonly context: FileTree },
): Promise<Descriptor> {
  const file = { ...archive, file: archiveFile(context, archive.path), name };
  await using opened = await openArchived(ctx, file, () => store.createTemporary());
  await copyGraph(ctx, { from: opened.content, to: store, root: opened.root });
  await store.tag(ctx, opened.root, name);
  return opened.root;
}

/** Where an archive of a build context is on this machine. */
export function archiveFile(context: FileTree, path: string): string {
  const content = context.find(path)?.content;
  if (content === undefined || content instanceof Uint8Array) throw new Error(`"${path}" is not on a disk`);
  return content.path;
}

export interface ArchiveFile {
  readonly format: ArchivedImage["archive"]["format"];
  /** For people. */
  readonly path: string;
  readonly file: string;
  /** Of the image, canonical; the only image of an archive may have another one. */
  readonly name: string;
}

/** @throws {InputError} when the archive is of another format, or has several images and none of this name. */
export async function openArchived(
  ctx: Context,
  { format, path, file, name }: ArchiveFile,
  createTemporary: () => string,
): Promise<OpenImages & { readonly root: Descriptor }> {
  const opened = await openImageArchive(ctx, { archive: file, name: path, createTemporary });
  try {
    if (opened.format !== format) {
      throw new InputError(`Cannot read "${path}": it is of the format ${opened.format}, wanted ${format}`);
    }
    const { images } = opened;
    const image = images.find((candidate) => candidate.name === name) ?? (images.length === 1 ? images[0] : undefined);
    if (image) return { ...opened, root: image.descriptor };
    const there = images.map(({ labels, descriptor }) => labels[0] ?? descriptor.digest).join(", ") || "no image";
    throw new InputError(`Cannot find image "${name}" in "${path}": it holds ${there}`);
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
}
