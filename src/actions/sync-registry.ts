import { mapLimit, settleLimit } from "../base/concurrency.ts";
import { runTask, type Context } from "../base/context.ts";
import { KnownError, messageOf, NotFoundError } from "../base/error.ts";
import { copyGraph } from "../oci/copy-graph.ts";
import type { Digest } from "../oci/digest.ts";
import type { Platform } from "../oci/platform.ts";
import { selectorOf, type Reference } from "../oci/reference.ts";
import { BLOB_RETRY } from "../registry/client/remote-registry.ts";
import { selectPlatform } from "./read-image.ts";
import type { RegistryEnd } from "./registry-end.ts";

export interface CopyImageOptions {
  /** Only the image of this platform; absent: all that there is, digests unchanged. */
  readonly platform?: Platform | undefined;
}

export interface CopiedImage {
  /** In the destination, without its name. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: Digest;
}

/** Copies one image to the same repository of another registry or folder. What is there is not sent again. */
export async function copyImage(
  ctx: Context,
  { from, to, image }: { from: RegistryEnd; to: RegistryEnd; image: Omit<Reference, "registry"> },
  { platform }: CopyImageOptions,
): Promise<CopiedImage> {
  const { repository, tag } = image;
  const selector = selectorOf({ registry: from.name, ...image });
  const name = `${repository}${selector.includes(":") ? "@" : ":"}${selector}`;
  return runTask(ctx, `Copy ${name}`, async (inner) => {
    const source = from.openSource(repository);
    const target = to.openDestination(repository);
    const found = await source.resolve(inner, selector);
    const root = platform ? await selectPlatform(inner, source, { name, root: found, platform }) : found;
    await copyGraph(inner, { from: source, to: target, root }, { retry: BLOB_RETRY });
    if (tag !== undefined) await target.tag(inner, root, tag);
    return { repository, tag, digest: root.digest };
  });
}

/**
 * Copies every tag of every repository. One image that fails does not stop the others.
 * @throws {KnownError} REGISTRY_SYNC_FAILED naming each image that could not be copied, once all others are.
 */
export async function syncRegistry(
  ctx: Context,
  { from, to }: { from: RegistryEnd; to: RegistryEnd },
  options: CopyImageOptions,
): Promise<readonly CopiedImage[]> {
  const images = await listAll(ctx, from);
  if (images.length === 0) {
    throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot copy from "${from.name}": it has no tagged image`, {
      hint: "Name a registry, or the folder that holds docker/registry/v2",
    });
  }
  const settled = await settleLimit(ctx, { items: images, limit: 4 }, (inner, image) =>
    copyImage(inner, { from, to, image }, options),
  );
  const failures = settled.flatMap((result) => (result.ok ? [] : [result]));
  const bug = failures.find(({ error }) => !(error instanceof KnownError));
  if (bug) throw bug.error;
  if (failures.length === 0) return settled.flatMap((result) => (result.ok ? [result.value] : []));
  const lines = failures.map(({ item, error }) => `${item.repository}:${item.tag}: ${messageOf(error)}`);
  throw new KnownError(
    "REGISTRY_SYNC_FAILED",
    `Cannot copy ${failures.length} of ${images.length} images to "${to.name}":\n${lines.join("\n")}`,
    { hint: "Run the same command again: what was copied is not sent again", cause: failures[0]?.error },
  );
}

async function listAll(ctx: Context, from: RegistryEnd): Promise<readonly { repository: string; tag: string }[]> {
  const items = await from.listRepositories(ctx);
  const lists = await mapLimit(ctx, { items, limit: 8 }, async (inner, repository) =>
    (await from.listTags(inner, repository)).map((tag) => ({ repository, tag })),
  );
  return lists.flat();
}
