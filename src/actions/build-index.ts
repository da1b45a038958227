import type { Context } from "../base/context.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { ImageIndex } from "../oci/manifest.ts";
import { MEDIA_TYPES } from "../oci/media-type.ts";
import type { Platform } from "../oci/platform.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { toLocalName } from "./local-name.ts";
import { emptyList, findList, withMember } from "./manifest-list.ts";
import { pushDocument } from "./store-documents.ts";

/** An image of one platform, as an index has it. */
export interface PlatformImage {
  readonly manifest: Descriptor;
  readonly platform: Platform;
}

/** Makes one image of those for several platforms. */
export async function makeIndex(
  ctx: Context,
  { store }: ImageEnvironment,
  { images, annotations }: { images: readonly PlatformImage[]; annotations: Readonly<Record<string, string>> },
): Promise<Descriptor> {
  const isDocker = images.every(({ manifest }) => manifest.mediaType === MEDIA_TYPES.dockerManifest);
  const index: ImageIndex = {
    schemaVersion: 2,
    mediaType: isDocker ? MEDIA_TYPES.dockerManifestList : MEDIA_TYPES.ociIndex,
    manifests: images.map(toMember),
    ...(Object.keys(annotations).length === 0 || isDocker ? {} : { annotations }),
  };
  return pushDocument(ctx, store, { mediaType: index.mediaType, document: index });
}

/** Adds images to an index of the store, in the place of those for the same platforms; it is made if need be. */
export async function addImagesToList(
  ctx: Context,
  environment: ImageEnvironment,
  { name, images }: { name: string; images: readonly PlatformImage[] },
): Promise<Descriptor> {
  const list = (await findList(ctx, environment, toLocalName(name))) ?? emptyList(toLocalName(name));
  const index = images.reduce((before, image) => withMember(before, toMember(image)), list.index);
  const descriptor = await pushDocument(ctx, environment.store, { mediaType: index.mediaType, document: index });
  await environment.store.tag(ctx, descriptor, list.name);
  return descriptor;
}

function toMember({ manifest: { mediaType, digest, size }, platform }: PlatformImage): Descriptor {
  return { mediaType, digest, size, platform };
}
