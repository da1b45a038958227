import type { Context } from "../base/context.ts";
import { InputError, NotFoundError } from "../base/error.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { isImageIndex, parseManifest, type ImageIndex, type Manifest } from "../oci/manifest.ts";
import { isIndexType, MEDIA_TYPES } from "../oci/media-type.ts";
import { renderPlatform, type Platform } from "../oci/platform.ts";
import { fetchDocument } from "../oci/verify.ts";
import { findImage } from "./find-image.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { toLocalName } from "./local-name.ts";
import { readImage } from "./read-image.ts";
import { pushDocument } from "./store-documents.ts";

export interface StoredList {
  readonly name: string;
  readonly digest: Digest;
  readonly index: ImageIndex;
}

export interface ListMember {
  readonly name: string;
  /** Which image of an index, and for which one a missing image is pulled; default: the machine's. */
  readonly platform?: Platform | undefined;
}

/**
 * Makes an index of images in the store.
 * @throws {InputError} when there is an image of that name and `amend` is not given.
 */
export async function createList(
  ctx: Context,
  environment: ImageEnvironment,
  { name, members, amend }: { name: string; members: readonly ListMember[]; amend: boolean },
): Promise<StoredList> {
  const before = await findList(ctx, environment, toLocalName(name));
  if (before && !amend) {
    throw new InputError(`Cannot create "${name}": there is an index of that name`, {
      hint: "Add to it with `sealos manifest add` or --amend, or remove it with `sealos rmi`",
    });
  }
  return addMembers(ctx, environment, { list: before ?? emptyList(toLocalName(name)), members });
}

/** Adds an image to an index of the store, in the place of one for the same platform. */
export async function addToList(
  ctx: Context,
  environment: ImageEnvironment,
  { name, member }: { name: string; member: ListMember },
): Promise<StoredList> {
  return addMembers(ctx, environment, { list: await readList(ctx, environment, name), members: [member] });
}

/** An index as it is in the store, or else in its registry; an image that is no index comes as it is. */
export async function inspectList(
  ctx: Context,
  environment: ImageEnvironment,
  { name, reference }: { name: string; reference: Parameters<ImageEnvironment["openRepository"]>[0] },
): Promise<ImageIndex | Manifest> {
  const { store } = environment;
  try {
    const { descriptor } = await store.find(ctx, name);
    return parseManifest(await fetchDocument(ctx, store, descriptor), descriptor.mediaType);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
  const repository = await environment.openRepository(reference);
  const descriptor = await repository.resolve(ctx, reference.digest ?? reference.tag ?? "latest");
  return parseManifest(await fetchDocument(ctx, repository, descriptor), descriptor.mediaType);
}

async function addMembers(
  ctx: Context,
  environment: ImageEnvironment,
  { list, members }: { list: Omit<StoredList, "digest">; members: readonly ListMember[] },
): Promise<StoredList> {
  let { index } = list;
  for (const member of members) index = withMember(index, await describeMember(ctx, environment, member));
  return storeList(ctx, environment, { name: list.name, index });
}

/** Writes an index down and gives it its name. */
export async function storeList(
  ctx: Context,
  { store }: ImageEnvironment,
  { name, index }: Omit<StoredList, "digest">,
): Promise<StoredList> {
  const descriptor = await pushDocument(ctx, store, { mediaType: index.mediaType, document: index });
  await store.tag(ctx, descriptor, name);
  return { name, digest: descriptor.digest, index };
}

/** An index has one image for a platform: the last one that was added. */
export function withMember(index: ImageIndex, member: Descriptor): ImageIndex {
  const others = index.manifests.filter(
    ({ digest, platform }) => digest !== member.digest && textOf(platform) !== textOf(member.platform),
  );
  return { ...index, manifests: [...others, member] };
}

function textOf(platform: Platform | undefined): string | undefined {
  return platform && renderPlatform(platform);
}

async function describeMember(
  ctx: Context,
  environment: ImageEnvironment,
  { name, platform = environment.platform }: ListMember,
): Promise<Descriptor> {
  const root = await findImage(ctx, environment, { name, platform });
  const { descriptor, config } = await readImage(ctx, environment.store, { name, root, platform });
  const { os, architecture, variant } = config;
  const { mediaType, digest, size } = descriptor;
  return { mediaType, digest, size, platform: { os, architecture, ...(variant === undefined ? {} : { variant }) } };
}

/** @throws {NotFoundError} when there is no such index. */
export async function readList(ctx: Context, environment: ImageEnvironment, name: string): Promise<StoredList> {
  const found = await findList(ctx, environment, name);
  if (found) return found;
  throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot find index "${name}" in the store`, {
    hint: "Make it with `sealos manifest create`",
  });
}

/** @throws {InputError} when the name is that of an image. */
export async function findList(
  ctx: Context,
  { store }: ImageEnvironment,
  name: string,
): Promise<StoredList | undefined> {
  let found: Awaited<ReturnType<typeof store.find>>;
  try {
    found = await store.find(ctx, name);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
  const { descriptor } = found;
  const document = isIndexType(descriptor.mediaType)
    ? parseManifest(await fetchDocument(ctx, store, descriptor), descriptor.mediaType)
    : undefined;
  if (document && isImageIndex(document)) {
    return { name: found.name ?? toLocalName(name), digest: descriptor.digest, index: document };
  }
  throw new InputError(`Cannot use "${name}" as an index: it is the image of one platform`, {
    hint: "Give the index another name",
  });
}

export function emptyList(name: string): Omit<StoredList, "digest"> {
  return { name, index: { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [] } };
}
