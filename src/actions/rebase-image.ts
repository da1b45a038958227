import { runTask, type Context } from "../base/context.ts";
import { InputError, NotFoundError } from "../base/error.ts";
import { copyGraph } from "../oci/copy-graph.ts";
import { BASE_DIGEST, BASE_NAME } from "../oci/base-annotations.ts";
import { isDigest, type Digest } from "../oci/digest.ts";
import type { Manifest } from "../oci/manifest.ts";
import type { Platform } from "../oci/platform.ts";
import { findImage } from "./find-image.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { toLocalName } from "./local-name.ts";
import { readImage, type ImageDocuments } from "./read-image.ts";
import { dependentSteps, rebaseConfig } from "./rebase-config.ts";
import { pushDocument } from "./store-documents.ts";

export interface RebaseRequest {
  readonly name: string;
  readonly onto: string;
  /** Default: what the image's annotations say, else the image of the store whose layers it begins with. */
  readonly oldBase?: string | undefined;
  readonly tags: readonly string[];
  readonly platform?: Platform | undefined;
  /** Also when commands made files that depend on the old base. */
  readonly force: boolean;
}

export interface RebasedImage {
  /** Digest of the configuration. */
  readonly id: Digest;
  readonly digest: Digest;
  readonly names: readonly string[];
  /** Name or digest. */
  readonly oldBase: string;
  /** Layers of the image that are kept. */
  readonly keptLayers: number;
}

interface Base {
  readonly name: string;
  readonly documents: ImageDocuments;
}

/**
 * Puts the image's own layers on another base by writing a new manifest and configuration: no layer is made or moved.
 * @throws {InputError} when the old base is not what the image is built on, or when its own layers depend on it.
 */
export async function rebaseImage(
  ctx: Context,
  environment: ImageEnvironment,
  request: RebaseRequest,
): Promise<RebasedImage> {
  const { name, onto } = request;
  const names = request.tags.map(toLocalName);
  return runTask(ctx, `Rebase ${name} onto ${onto}`, async (inner) => {
    const image = await open(inner, environment, { name, platform: request.platform });
    const newBase = await open(inner, environment, { name: onto, platform: request.platform });
    const oldBase = await findOldBase(inner, environment, { image, request });
    requireBase(name, { image, oldBase });
    requireOnePlatform({ name, image }, { name: onto, documents: newBase });
    if (!request.force) requireIndependence(name, { image, oldBase });
    const written = await write(inner, environment, { image, oldBase: oldBase.documents, newBase, onto });
    for (const tag of names) await environment.store.tag(inner, written.manifest, tag);
    if (names.length === 0) await environment.store.keep(inner, written.manifest);
    const keptLayers = image.manifest.layers.length - oldBase.documents.manifest.layers.length;
    return { ...written.result, names, oldBase: oldBase.name, keptLayers };
  });
}

async function open(
  ctx: Context,
  environment: ImageEnvironment,
  { name, platform = environment.platform }: { name: string; platform?: Platform | undefined },
): Promise<ImageDocuments> {
  const root = await findImage(ctx, environment, { name, platform });
  return readImage(ctx, environment.store, { name, root, platform });
}

async function findOldBase(
  ctx: Context,
  environment: ImageEnvironment,
  { image, request }: { image: ImageDocuments; request: RebaseRequest },
): Promise<Base> {
  const { platform } = request;
  const annotated = image.manifest.annotations ?? {};
  const baseName = annotated[BASE_NAME];
  const digest = annotated[BASE_DIGEST];
  if (request.oldBase !== undefined) {
    return { name: request.oldBase, documents: await open(ctx, environment, { name: request.oldBase, platform }) };
  }
  const byLayers = { image, name: request.name, platform: platform ?? environment.platform };
  if (baseName === undefined) return findByLayers(ctx, environment, byLayers);
  const name = digest !== undefined && isDigest(digest) ? `${baseName.replace(/[:@][^/]*$/, "")}@${digest}` : baseName;
  try {
    return { name, documents: await open(ctx, environment, { name, platform }) };
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    // It may have another name by now.
    return findByLayers(ctx, environment, byLayers).catch(() => Promise.reject(error));
  }
}

/** The image of the store with the most layers that `image` begins with. */
async function findByLayers(
  ctx: Context,
  { store }: ImageEnvironment,
  { image, name, platform }: { image: ImageDocuments; name: string; platform: Platform },
): Promise<Base> {
  let best: Base | undefined;
  for (const { descriptor, names } of await store.list(ctx)) {
    const found = await readImage(ctx, store, { name, root: descriptor, platform }).catch((error: unknown) => {
      if (error instanceof NotFoundError || error instanceof InputError) return undefined;
      throw error;
    });
    const count = found?.manifest.layers.length ?? 0;
    const isLonger = count > (best?.documents.manifest.layers.length ?? 0);
    if (!found || !isLonger || count >= image.manifest.layers.length || !beginsWith(image, found)) continue;
    best = { name: names[0] ?? descriptor.digest, documents: found };
  }
  if (best) return best;
  throw new NotFoundError(
    "IMAGE_NOT_FOUND",
    `Cannot find the base of "${name}": it names none, and no image of the store fits`,
    {
      hint: "Name it with --old-base",
    },
  );
}

function beginsWith(image: ImageDocuments, base: ImageDocuments): boolean {
  const diffIds = image.config.rootfs.diff_ids;
  return base.config.rootfs.diff_ids.every((diffId, position) => diffIds[position] === diffId);
}

function requireBase(name: string, { image, oldBase }: { image: ImageDocuments; oldBase: Base }): void {
  if (beginsWith(image, oldBase.documents)) return;
  throw new InputError(`Cannot rebase "${name}": it is not built on "${oldBase.name}", whose layers it lacks`, {
    hint: "Name the image that it is built on with --old-base",
  });
}

function requireOnePlatform({ name, image }: { name: string; image: ImageDocuments }, base: Base): void {
  const [own, other] = [image.config, base.documents.config];
  if (own.os === other.os && own.architecture === other.architecture) return;
  throw new InputError(
    `Cannot rebase "${name}" for ${own.os}/${own.architecture} onto "${base.name}" for ${other.os}/${other.architecture}`,
    { hint: "Choose a base of the same platform" },
  );
}

function requireIndependence(name: string, { image, oldBase }: { image: ImageDocuments; oldBase: Base }): void {
  const [step] = dependentSteps(image.config, oldBase.documents.config);
  if (!step) return;
  throw new InputError(
    `Cannot rebase "${name}": a command made files that depend on its base: ${step.created_by ?? ""}`,
    {
      hint: "Build the image again on the new base, or use --force if the files do not depend on it",
    },
  );
}

async function write(
  ctx: Context,
  { store }: ImageEnvironment,
  { image, oldBase, newBase, onto }: Record<"image" | "oldBase" | "newBase", ImageDocuments> & { onto: string },
): Promise<{ manifest: Awaited<ReturnType<typeof pushDocument>>; result: { id: Digest; digest: Digest } }> {
  const own = image.manifest.layers.slice(oldBase.manifest.layers.length);
  for (const root of [...newBase.manifest.layers, ...own]) await copyGraph(ctx, { from: store, to: store, root });
  const config = await pushDocument(ctx, store, {
    mediaType: image.manifest.config.mediaType,
    document: rebaseConfig(image.config, { oldBase: oldBase.config, newBase: newBase.config }),
  });
  const { subject: _, ...kept } = image.manifest;
  const { name: baseName = onto } = await store.find(ctx, onto);
  const document: Manifest = {
    ...kept,
    config,
    layers: [...newBase.manifest.layers, ...own],
    annotations: { ...kept.annotations, [BASE_NAME]: baseName, [BASE_DIGEST]: newBase.descriptor.digest },
  };
  const manifest = await pushDocument(ctx, store, { mediaType: document.mediaType, document });
  return { manifest, result: { id: config.digest, digest: manifest.digest } };
}
