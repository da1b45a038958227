import { runTask, type Context } from "../base/context.ts";
import { NotFoundError } from "../base/error.ts";
import { copyGraph } from "../oci/copy-graph.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { parseLocation, type ImageLocation } from "../oci/image-location.ts";
import type { Platform } from "../oci/platform.ts";
import { renderReference, type Reference } from "../oci/reference.ts";
import { copyReferrers, readReferrers } from "../oci/referrers.ts";
import { BLOB_RETRY } from "../registry/client/remote-registry.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { withoutTransport } from "./local-name.ts";
import { openImageSource } from "./open-image-source.ts";
import { readImage, selectPlatform } from "./read-image.ts";
import { resolveRemote } from "./resolve-remote.ts";

/** `missing`: only what is not in the store; `newer`: when the registry has something else; `never`: do not ask it. */
export type PullPolicy = "missing" | "always" | "newer" | "never";

export interface PullOptions {
  readonly policy: PullPolicy;
  /** Default: the machine's. */
  readonly platform?: Platform | undefined;
  /** Keeps an index whole, with the images of all its platforms. */
  readonly allPlatforms?: boolean;
  /** Whether what is said about the image comes too; default false: who only runs an image does not need it. */
  readonly referrers?: boolean;
}

export interface PulledImage {
  /** The digest, for an image that its place gives no name. */
  readonly name: string;
  readonly digest: Digest;
  /** The digest of the image's configuration; of an index, of the one for the platform. */
  readonly id: Digest;
}

type NamedPull = PullOptions & { readonly name: string };

/**
 * Brings an image from its registry into the store under the canonical name: one platform's manifest, or the whole
 * index. A name may also be a location such as `oci-archive:FILE`.
 */
export async function pullImage(ctx: Context, environment: ImageEnvironment, request: NamedPull): Promise<PulledImage> {
  const { store } = environment;
  const { name } = request;
  const location = parseLocation(name);
  const pulled = await runTask(ctx, `Pull ${name}`, (inner) =>
    location.transport === "store" || location.transport === "docker"
      ? pullRemote(inner, environment, request)
      : pullLocal(inner, environment, { ...request, location }),
  );
  if (request.allPlatforms) return { name: pulled.name, digest: pulled.root.digest, id: pulled.root.digest };
  const platform = request.platform ?? environment.platform;
  const { manifest, descriptor } = await readImage(ctx, store, { name, root: pulled.root, platform });
  return { name: pulled.name, digest: descriptor.digest, id: manifest.config.digest };
}

interface Pulled {
  readonly name: string;
  readonly root: Descriptor;
}

async function pullRemote(ctx: Context, environment: ImageEnvironment, request: NamedPull): Promise<Pulled> {
  const { name, policy } = request;
  const { store } = environment;
  const meanings = await environment.meaningsOf(withoutTransport(name));
  const present = await findStored(ctx, environment, meanings);
  if (present && (policy === "missing" || policy === "never")) return unchanged(ctx, present);
  if (policy === "never") {
    throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot find image "${name}" in the store, and may not pull it`, {
      hint: "Allow pulling with --policy missing",
    });
  }
  const { reference, source, root: found } = await resolveRemote(ctx, environment, meanings);
  const canonical = storedName(reference);
  const wanted = { name, root: found, platform: request.platform ?? environment.platform };
  const root = request.allPlatforms ? found : await selectPlatform(ctx, source, wanted);
  if (policy === "newer" && present?.name === canonical && present.root.digest === root.digest) {
    return unchanged(ctx, present);
  }
  const ends = { from: readReferrers(source), to: store, root };
  await copyGraph(ctx, ends, { retry: BLOB_RETRY });
  if (request.referrers) await copyReferrers(ctx, ends, { retry: BLOB_RETRY });
  await store.tag(ctx, root, canonical);
  return { name: canonical, root };
}

async function pullLocal(
  ctx: Context,
  environment: ImageEnvironment,
  { name, location, ...request }: NamedPull & { readonly location: ImageLocation },
): Promise<Pulled> {
  const { store } = environment;
  await using source = await openImageSource(ctx, environment, location);
  const wanted = { name, root: source.root, platform: request.platform ?? environment.platform };
  const root = request.allPlatforms ? source.root : await selectPlatform(ctx, source.content, wanted);
  const ends = { from: source.content, to: store, root };
  await copyGraph(ctx, ends);
  if (request.referrers) await copyReferrers(ctx, ends);
  if (source.name === undefined) await store.keep(ctx, root);
  else await store.tag(ctx, root, source.name);
  return { name: source.name ?? root.digest, root };
}

function unchanged(ctx: Context, present: Pulled): Pulled {
  ctx.progress.mark("cached");
  return present;
}

/** What the store has under one of these names. */
async function findStored(
  ctx: Context,
  { store }: ImageEnvironment,
  meanings: readonly Reference[],
): Promise<Pulled | undefined> {
  for (const name of meanings.map(storedName)) {
    try {
      return { name, root: await store.resolve(ctx, name) };
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }
  return undefined;
}

/** The store knows an image by tag or by digest, not by both. */
function storedName({ registry, repository, tag, digest }: Reference): string {
  return renderReference(
    digest === undefined
      ? { registry, repository, ...(tag === undefined ? {} : { tag }) }
      : { registry, repository, digest },
  );
}
