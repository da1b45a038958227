import type { Context } from "../base/context.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { renderLocation, type ImageLocation } from "../oci/image-location.ts";
import { renderReference, selectorOf } from "../oci/reference.ts";
import { readReferrers, type ReferrerSource } from "../oci/referrers.ts";
import { selectImage } from "../store/transport/listed-images.ts";
import { openImages } from "../store/transport/open-images.ts";
import type { ImageEnvironment } from "./image-environment.ts";

/** One image, wherever it is, opened to be read. */
export interface ImageSource extends AsyncDisposable {
  readonly content: ReferrerSource;
  /** A manifest or an index. */
  readonly root: Descriptor;
  /** Canonical; absent when the place gives it none. */
  readonly name: string | undefined;
}

/** @throws {NotFoundError} when there is no such image, {InputError} when the place is not what its transport says. */
export async function openImageSource(
  ctx: Context,
  environment: ImageEnvironment,
  location: ImageLocation,
): Promise<ImageSource> {
  const { store } = environment;
  if (location.transport === "store") {
    const { descriptor, name } = await store.find(ctx, location.name);
    return { content: store, root: descriptor, name, [Symbol.asyncDispose]: async () => {} };
  }
  if (location.transport === "docker") {
    const { reference } = location;
    const content = await environment.openRepository(reference);
    const root = await content.resolve(ctx, selectorOf(reference));
    const { registry, repository, tag } = reference;
    const name = tag === undefined ? undefined : renderReference({ registry, repository, tag });
    return { content: readReferrers(content), root, name, [Symbol.asyncDispose]: async () => {} };
  }
  const opened = await openImages(ctx, location, {
    createTemporary: () => store.createTemporary(),
    findStorageRoots: async () => (await environment.findStorageRoots?.()) ?? [],
  });
  try {
    const text = location.transport === "dir" ? undefined : location.name;
    const place =
      "name" in location && "path" in location ? `${location.transport}:${location.path}` : renderLocation(location);
    const { descriptor, name } = selectImage(opened.images, { text, place });
    const close = (): Promise<void> => Promise.resolve(opened[Symbol.asyncDispose]());
    return { content: opened.content, root: descriptor, name, [Symbol.asyncDispose]: close };
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
}
