import type { Context } from "../../base/context.ts";
import { InputError } from "../../base/error.ts";
import { copyGraph } from "../../oci/copy-graph.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { ImageStore } from "../../store/image-store.ts";
import { openImageArchive } from "../../store/transport/image-archive.ts";
import type { FileTree } from "../context/file-tree.ts";
import type { ArchivedImage } from "../scan/scanned-image.ts";

/** Puts an image of an archive in the build context into the store, under the name that the list gives it. */
export async function loadArchived(
  ctx: Context,
  { archive, name }: ArchivedImage,
  { store, context }: { readonly store: ImageStore; readonly context: FileTree },
): Promise<Descriptor> {
  const content = context.find(archive.path)?.content;
  if (content === undefined || content instanceof Uint8Array) throw new Error(`"${archive.path}" is not on a disk`);
  await using opened = await openImageArchive(ctx, {
    archive: content.path,
    name: archive.path,
    createTemporary: () => store.createTemporary(),
  });
  if (opened.format !== archive.format) {
    throw new InputError(
      `Cannot read "${archive.path}": it is of the format ${opened.format}, wanted ${archive.format}`,
    );
  }
  const { images } = opened;
  const image = images.find((candidate) => candidate.name === name) ?? (images.length === 1 ? images[0] : undefined);
  if (!image) {
    const there = images.map(({ labels, descriptor }) => labels[0] ?? descriptor.digest).join(", ") || "no image";
    throw new InputError(`Cannot find image "${name}" in "${archive.path}": it holds ${there}`);
  }
  await copyGraph(ctx, { from: opened.content, to: store, root: image.descriptor });
  await store.tag(ctx, image.descriptor, name);
  return image.descriptor;
}
