import { openLocalTree } from "../build/context/local-tree.ts";
import { scanContext } from "../build/scan/scan-context.ts";
import type { ScannedImage } from "../build/scan/scanned-image.ts";
import { mapLimit } from "../base/concurrency.ts";
import type { Context } from "../base/context.ts";
import { InputError } from "../base/error.ts";
import { parseReference, renderReference, type Reference } from "../oci/reference.ts";
import type { RegistryEnd } from "./registry-end.ts";
import { copyImage, type CopiedImage, type CopyImageOptions } from "./sync-registry.ts";

export interface SaveToFolderRequest extends CopyImageOptions {
  /** A build context, for the images that it needs. */
  readonly contextDirectory?: string | undefined;
  /** More images, as registries name them. */
  readonly names: readonly string[];
  readonly folder: RegistryEnd;
  readonly openRegistry: (name: string) => Promise<RegistryEnd>;
}

/**
 * Copies images from their registries to a folder that a registry can serve. There they have the name that they have
 * without their registry.
 * @throws {InputError} when two of them would then have the same name; nothing has been copied then.
 */
export async function saveToFolder(ctx: Context, request: SaveToFolderRequest): Promise<readonly CopiedImage[]> {
  const scanned = await scanFolder(ctx, request.contextDirectory);
  const references = [...scanned.map(({ reference }) => reference), ...request.names.map(parseReference)];
  if (references.length === 0) {
    throw new InputError("Cannot save images: none is named", {
      hint: "Name them with --images, or give a build context whose images/shim, manifests or charts name some",
    });
  }
  requireDifferentNames(references);
  return mapLimit(ctx, { items: references, limit: 4 }, async (inner, image) => {
    const from = await request.openRegistry(image.registry);
    return copyImage(inner, { from, to: request.folder, image }, request);
  });
}

async function scanFolder(ctx: Context, directory: string | undefined): Promise<readonly ScannedImage[]> {
  return directory === undefined ? [] : (await scanContext(ctx, openLocalTree(directory))).images;
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
