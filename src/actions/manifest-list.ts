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
import { pullImage } from "./pull-image.ts";
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
  /** Of an index, the images of all platforms. */
  readonly all?: boolean;
  /** What the index is to say about the image, besides what the image says itself. */
  readonly statement?: MemberStatement;
}

/** What an index says about one of its images. */
export interface MemberStatement {
  /** The fields that are to be other than they are. */
  readonly platform: Partial<Platform>;
  readonly annotations: Readonly<Record<string, string>>;
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
  for (const member of members) {
    for (const described of await describeMembers(ctx, environment, member)) index = withMember(index, described);
  }
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
  const place = placeOf(member);
  const others = index.manifests.filter(
    (other) => other.digest !== member.digest && (place === undefined || placeOf(other) !== place),
  );
  return { ...index, manifests: [...others, member] };
}

/** Undefined for what is beside all platforms, such as attestations. */
function placeOf({ platform }: Descriptor): string | undefined {
  if (!platform || platform.os === "unknown") return undefined;
  return [renderPlatform(platform), platform["os.version"], ...(platform["os.features"] ?? [])].join(" ");
}

async function describeMembers(
  ctx: Context,
  environment: ImageEnvironment,
  { name, platform = environment.platform, all = false, statement }: ListMember,
): Promise<readonly Descriptor[]> {
  const members = all
    ? await describeAll(ctx, environment, name)
    : [await describeImage(ctx, environment, { name, root: await findImage(ctx, environment, { name, platform }) })];
  return members.map((member) => (statement ? annotated(member, statement) : member));
}

async function describeAll(ctx: Context, environment: ImageEnvironment, name: string): Promise<readonly Descriptor[]> {
  const { store } = environment;
  const root = await findWhole(ctx, environment, name);
  if (!isIndexType(root.mediaType)) return [await describeImage(ctx, environment, { name, root })];
  const index = parseManifest(await fetchDocument(ctx, store, root), root.mediaType);
  return isImageIndex(index) ? index.manifests : [];
}

/** An image with all its platforms: from the store, else from its registry. */
async function findWhole(ctx: Context, environment: ImageEnvironment, name: string): Promise<Descriptor> {
  try {
    return (await environment.store.find(ctx, name)).descriptor;
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    const pulled = await pullImage(ctx, environment, { name, policy: "always", allPlatforms: true });
    return environment.store.resolve(ctx, pulled.name);
  }
}

async function describeImage(
  ctx: Context,
  { store, platform }: ImageEnvironment,
  { name, root }: { name: string; root: Descriptor },
): Promise<Descriptor> {
  const { descriptor, config } = await readImage(ctx, store, { name, root, platform });
  const { os, architecture, variant } = config;
  const { mediaType, digest, size } = descriptor;
  return { mediaType, digest, size, platform: { os, architecture, ...(variant === undefined ? {} : { variant }) } };
}

/** The descriptor of an image in an index, with what is to be said about the image. */
export function annotated(member: Descriptor, { platform, annotations }: MemberStatement): Descriptor {
  const { os = "linux", architecture = "", ...others } = { ...member.platform, ...platform };
  const hasPlatform = member.platform !== undefined || Object.keys(platform).length > 0;
  const all = { ...member.annotations, ...annotations };
  return {
    ...member,
    ...(hasPlatform && { platform: { os, architecture, ...others } }),
    ...(Object.keys(all).length > 0 && { annotations: all }),
  };
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
