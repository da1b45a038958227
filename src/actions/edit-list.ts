import type { Context } from "../base/context.ts";
import { NotFoundError } from "../base/error.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { ImageIndex } from "../oci/manifest.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { annotated, findList, readList, storeList, type MemberStatement, type StoredList } from "./manifest-list.ts";

export interface ListEdit {
  readonly name: string;
  /** A digest in the index, its beginning, or the name of an image. */
  readonly member: string;
}

export interface MemberAnnotation extends ListEdit {
  readonly statement: MemberStatement;
}

/** Changes what an index says about one of its images: fields of its platform, and annotations. */
export async function annotateMember(
  ctx: Context,
  environment: ImageEnvironment,
  { name, member, statement }: MemberAnnotation,
): Promise<StoredList> {
  const list = await readList(ctx, environment, name);
  const found = await findMember(ctx, environment, { index: list.index, name, member });
  return storeList(ctx, environment, {
    name: list.name,
    index: replaced(list.index, found, annotated(found, statement)),
  });
}

/** Takes an image out of an index. */
export async function removeMember(
  ctx: Context,
  environment: ImageEnvironment,
  { name, member }: ListEdit,
): Promise<StoredList> {
  const list = await readList(ctx, environment, name);
  const found = await findMember(ctx, environment, { index: list.index, name, member });
  return storeList(ctx, environment, { name: list.name, index: replaced(list.index, found) });
}

/** Takes the names of indexes away, and with its last name the index. @throws {NotFoundError} */
export async function removeLists(
  ctx: Context,
  environment: ImageEnvironment,
  names: readonly string[],
): Promise<readonly string[]> {
  const lists: StoredList[] = [];
  for (const name of names) lists.push(await readList(ctx, environment, name));
  for (const { name } of lists) await environment.store.remove(ctx, name);
  return lists.map(({ name }) => name);
}

/** True when the store has an index of this name. @throws {InputError} when the name is that of an image. */
export async function hasList(ctx: Context, environment: ImageEnvironment, name: string): Promise<boolean> {
  return (await findList(ctx, environment, name)) !== undefined;
}

function replaced(index: ImageIndex, member: Descriptor, ...replacement: readonly Descriptor[]): ImageIndex {
  return { ...index, manifests: index.manifests.flatMap((entry) => (entry === member ? replacement : [entry])) };
}

async function findMember(
  ctx: Context,
  { store }: ImageEnvironment,
  { index, name, member }: ListEdit & { readonly index: ImageIndex },
): Promise<Descriptor> {
  const prefix = member.replace(/^.*@/, "").replace(/^sha256:/, "");
  const byDigest = index.manifests.filter(({ digest }) => digest.slice("sha256:".length).startsWith(prefix));
  if (/^[0-9a-f]{4,}$/.test(prefix) && byDigest.length === 1 && byDigest[0]) return byDigest[0];
  const named = await store.find(ctx, member).catch((error: unknown) => {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  });
  const found = index.manifests.find(({ digest }) => digest === named?.descriptor.digest);
  if (found) return found;
  const there = index.manifests.map(({ digest }) => digest).join(", ") || "no image";
  throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot find "${member}" in the index "${name}": it has ${there}`, {
    hint: "Name one of its images by the digest",
  });
}
