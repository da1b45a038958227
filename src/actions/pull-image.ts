import { runTask, type Context } from "../base/context.ts";
import { NotFoundError } from "../base/error.ts";
import { copyGraph } from "../oci/copy-graph.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { Platform } from "../oci/platform.ts";
import { renderReference, selectorOf, type Reference } from "../oci/reference.ts";
import { BLOB_RETRY } from "../registry/client/remote-registry.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { toRemoteReference } from "./local-name.ts";
import { readImage, selectPlatform } from "./read-image.ts";

/** `missing`: only what is not in the store; `newer`: when the registry has something else; `never`: do not ask it. */
export type PullPolicy = "missing" | "always" | "newer" | "never";

export interface PullOptions {
  readonly policy: PullPolicy;
  /** Default: the machine's. */
  readonly platform?: Platform | undefined;
}

export interface PulledImage {
  readonly name: string;
  readonly digest: Digest;
  /** The digest of the image's configuration. */
  readonly id: Digest;
}

/** Brings an image from its registry into the store: one platform's manifest under the canonical name. */
export async function pullImage(
  ctx: Context,
  environment: ImageEnvironment,
  { name, ...options }: PullOptions & { name: string },
): Promise<PulledImage> {
  const { store } = environment;
  const platform = options.platform ?? environment.platform;
  const root = await runTask(ctx, `Pull ${name}`, (inner) => pullRoot(inner, environment, { name, ...options }));
  const { manifest, descriptor } = await readImage(ctx, store, { name, root, platform });
  return { name: storedName(toRemoteReference(name)), digest: descriptor.digest, id: manifest.config.digest };
}

async function pullRoot(
  ctx: Context,
  environment: ImageEnvironment,
  { name, policy, platform }: PullOptions & { name: string },
): Promise<Descriptor> {
  const reference = toRemoteReference(name);
  const { store } = environment;
  const present = await findStored(ctx, environment, storedName(reference));
  if (present && (policy === "missing" || policy === "never")) return unchanged(ctx, present);
  if (policy === "never") {
    throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot find image "${name}" in the store, and may not pull it`, {
      hint: "Allow pulling with --policy missing",
    });
  }
  const source = await environment.openRepository(reference);
  const root = await source.resolve(ctx, selectorOf(reference));
  const wanted = { name, root, platform: platform ?? environment.platform };
  const manifest = await selectPlatform(ctx, source, wanted);
  if (policy === "newer" && present?.digest === manifest.digest) return unchanged(ctx, present);
  await copyGraph(ctx, { from: source, to: store, root: manifest }, { retry: BLOB_RETRY });
  await store.tag(ctx, manifest, storedName(reference));
  return manifest;
}

function unchanged(ctx: Context, present: Descriptor): Descriptor {
  ctx.progress.mark("cached");
  return present;
}

async function findStored(
  ctx: Context,
  { store }: ImageEnvironment,
  canonicalName: string,
): Promise<Descriptor | undefined> {
  try {
    return await store.resolve(ctx, canonicalName);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** The store knows an image by tag or by digest, not by both. */
function storedName({ registry, repository, tag, digest }: Reference): string {
  return renderReference(
    digest === undefined
      ? { registry, repository, ...(tag === undefined ? {} : { tag }) }
      : { registry, repository, digest },
  );
}
