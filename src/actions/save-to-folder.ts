import { resolve } from "node:path";

import { mapLimit } from "../base/concurrency.ts";
import { runTask, type Context } from "../base/context.ts";
import { InputError, messageOf } from "../base/error.ts";
import { openLocalTree } from "../build/context/local-tree.ts";
import { archiveFile, openArchived, type ArchiveFile } from "../build/image-cache/archived-images.ts";
import { parseArchive } from "../build/scan/image-lists.ts";
import { scanContext } from "../build/scan/scan-context.ts";
import { copyGraph } from "../oci/copy-graph.ts";
import { parseLocation, type StorageLocation } from "../oci/image-location.ts";
import { parseReference, renderReference, type Reference } from "../oci/reference.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { toRemoteReference } from "./local-name.ts";
import { openImageSource, type ImageSource } from "./open-image-source.ts";
import { selectPlatform } from "./read-image.ts";
import type { RegistryEnd } from "./registry-end.ts";
import { copyImage, type CopiedImage, type CopyImageOptions } from "./sync-registry.ts";

export interface SaveToFolderRequest extends CopyImageOptions {
  /** A build context, for the images that it needs. */
  readonly contextDirectory?: string | undefined;
  /** More images, as registries name them, or `containers-storage:NAME`. */
  readonly names: readonly string[];
  /** Images of archives: `docker-archive:FILE@NAME` or `oci-archive:FILE@NAME`. */
  readonly archives: readonly string[];
  readonly folder: RegistryEnd;
  readonly openRegistry: (name: string) => Promise<RegistryEnd>;
}

/** An image and where it comes from. */
type Wanted = { readonly reference: Reference } & (
  | { readonly kind: "registry" }
  | { readonly kind: "archive"; readonly archive: ArchiveFile }
  | { readonly kind: "storage"; readonly location: StorageLocation }
);

/**
 * Copies images from their registries, archives or other tools' stores to a folder that a registry can serve. There they
 * have the name that they have without their registry.
 * @throws {InputError} when two of them would then have the same name; nothing has been copied then.
 */
export async function saveToFolder(
  ctx: Context,
  environment: ImageEnvironment,
  request: SaveToFolderRequest,
): Promise<readonly CopiedImage[]> {
  const wanted = [
    ...(await scanFolder(ctx, request.contextDirectory)),
    ...request.names.map(toWanted),
    ...request.archives.map(toWantedArchive),
  ];
  if (wanted.length === 0) {
    throw new InputError("Cannot save images: none is named", {
      hint: "Name them with --images or --tars, or give a build context whose images/shim, manifests or charts name some",
    });
  }
  requireDifferentNames(wanted.map(({ reference }) => reference));
  return mapLimit(ctx, { items: wanted, limit: 4 }, async (inner, image) => {
    if (image.kind !== "registry") return copyLocal(inner, environment, { image, request });
    const from = await request.openRegistry(image.reference.registry);
    return copyImage(inner, { from, to: request.folder, image: image.reference }, request);
  });
}

async function scanFolder(ctx: Context, directory: string | undefined): Promise<readonly Wanted[]> {
  if (directory === undefined) return [];
  const context = openLocalTree(directory);
  const { images, archives } = await scanContext(ctx, context);
  return [
    ...images.map(({ reference }) => ({ kind: "registry", reference }) as const),
    ...archives.map(({ archive, name, reference }) => {
      const file = archiveFile(context, archive.path);
      return { kind: "archive", reference, archive: { ...archive, file, name } } as const;
    }),
  ];
}

function toWanted(name: string): Wanted {
  if (!name.startsWith("containers-storage:")) return { kind: "registry", reference: toRemoteReference(name) };
  const location = parseLocation(name);
  if (location.transport !== "containers-storage") throw new Error(`"${name}" is no place in a storage`);
  return { kind: "storage", reference: parseReference(location.name), location };
}

function toWantedArchive(text: string): Wanted {
  try {
    const { format, file, reference } = parseArchive(text);
    const name = renderReference(reference);
    return { kind: "archive", reference, archive: { format, path: file, file: resolve(file), name } };
  } catch (error) {
    throw new InputError(`Cannot save "${text}": ${messageOf(error)}`, { cause: error });
  }
}

async function copyLocal(
  ctx: Context,
  environment: ImageEnvironment,
  { image, request }: { image: Exclude<Wanted, { kind: "registry" }>; request: SaveToFolderRequest },
): Promise<CopiedImage> {
  const { repository, tag } = image.reference;
  const name = renderReference(image.reference);
  return runTask(ctx, `Copy ${name}`, async (inner) => {
    await using source = await openLocal(inner, environment, image);
    const { platform } = request;
    const { content } = source;
    const root = platform ? await selectPlatform(inner, content, { name, root: source.root, platform }) : source.root;
    const target = request.folder.openDestination(repository);
    await copyGraph(inner, { from: content, to: target, root });
    if (tag !== undefined) await target.tag(inner, root, tag);
    return { repository, tag, digest: root.digest };
  });
}

async function openLocal(
  ctx: Context,
  environment: ImageEnvironment,
  image: Exclude<Wanted, { kind: "registry" }>,
): Promise<Pick<ImageSource, "content" | "root"> & AsyncDisposable> {
  if (image.kind === "storage") return openImageSource(ctx, environment, image.location);
  return openArchived(ctx, image.archive, () => environment.store.createTemporary());
}

function requireDifferentNames(references: readonly Reference[]): void {
  const owners = new Map<string, string>();
  for (const { registry, repository, tag } of references) {
    if (tag === undefined) continue;
    const name = renderReference({ registry, repository, tag });
    const owner = owners.get(`${repository}:${tag}`) ?? name;
    owners.set(`${repository}:${tag}`, owner);
    if (owner === name) continue;
    throw new InputError(`Cannot save images: "${owner}" and "${name}" would both be "${repository}:${tag}"`, {
      hint: "Save them to different folders",
    });
  }
}
