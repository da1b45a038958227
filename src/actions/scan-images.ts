import { stat } from "node:fs/promises";

import { settleLimit } from "../base/concurrency.ts";
import { runTask, type Context } from "../base/context.ts";
import { InputError, KnownError, messageOf } from "../base/error.ts";
import { openLocalTree } from "../build/context/local-tree.ts";
import { openImageTree } from "../build/base-image.ts";
import { readBills, type BilledImage } from "../build/image-cache/image-bill.ts";
import { findStored } from "../build/image-cache/stored-image.ts";
import { planBuild } from "../build/plan.ts";
import type { ImageSettings } from "../build/scan/helm-commands.ts";
import { plannedSettings } from "../build/scan/planned-settings.ts";
import { scanContext, type ScanResult } from "../build/scan/scan-context.ts";
import type { ArchivedImage, ScannedImage } from "../build/scan/scanned-image.ts";
import { parseKubefile } from "../kubefile/parse.ts";
import type { Digest } from "../oci/digest.ts";
import { toEnvironment, type ImageConfig } from "../oci/image-config.ts";
import type { Platform } from "../oci/platform.ts";
import { parseReference, selectorOf } from "../oci/reference.ts";
import { missingIn } from "../build/image-cache/registry-check.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { locateKubefile, type KubefileSource } from "./locate-kubefile.ts";
import { readImage, selectPlatform } from "./read-image.ts";

export interface ScanRequest {
  /** A folder, or the name of an image of the store. */
  readonly subject: string;
  /** The same as a path. */
  readonly path: string;
  /** Of a folder; default the one that is found there. */
  readonly kubefile: { readonly file: string | undefined; readonly workingDirectory: string };
  /** Default: the machine's. */
  readonly platform: Platform | undefined;
  /** Look whether every image can be had: from the store or a registry, or for an image in its own registry folder. */
  readonly verifies: boolean;
}

export interface ScanRow extends Pick<ScannedImage, "name" | "places"> {
  /** Path of the archive that has the image. */
  readonly archive?: string | undefined;
  /** In the registry folder of an image, as its bill says. */
  readonly digest?: Digest | undefined;
  /** Why it cannot be had; absent when it can or when that was not looked at. */
  readonly problem?: string | undefined;
}

export interface ScanReport {
  readonly images: readonly ScanRow[];
  /** What could not be looked at. */
  readonly notes: readonly string[];
}

/** The container images that a build context, or an image of the store, needs. Nothing is stored. */
export async function scanImages(
  ctx: Context,
  environment: ImageEnvironment,
  request: ScanRequest,
): Promise<ScanReport> {
  const isFolder = await isDirectory(request.path);
  if (!isFolder && /^(?:\.{0,2}\/|\.{1,2}$)/.test(request.subject)) throw noFolder(request.subject);
  return isFolder ? scanFolder(ctx, environment, request) : scanImage(ctx, environment, request);
}

function noFolder(path: string): InputError {
  return new InputError(`Cannot scan "${path}": there is no such folder`, { hint: "Name a build context or an image" });
}

async function scanFolder(ctx: Context, environment: ImageEnvironment, request: ScanRequest): Promise<ScanReport> {
  const platform = request.platform ?? environment.platform;
  const { settings, notes } = await readSettings(request, platform);
  const found = await scanContext(ctx, openLocalTree(request.path), settings);
  const rows = request.verifies
    ? await verifyAll(ctx, found, (inner, image) => requireObtainable(inner, environment, { image, platform }))
    : found.images.map(toRow);
  return { images: [...rows, ...found.archives.map(toRow)], notes: [...notes, ...found.notes] };
}

async function scanImage(
  ctx: Context,
  { store, platform: machine }: ImageEnvironment,
  { subject, platform = machine, verifies }: ScanRequest,
): Promise<ScanReport> {
  const { descriptor: root } = await store.find(ctx, subject);
  const { descriptor, config } = await readImage(ctx, store, { name: subject, root, platform });
  const tree = await runTask(ctx, `open ${subject}`, (inner) => openImageTree(inner, store, descriptor));
  const found = await scanContext(ctx, tree, settingsOf(config));
  const scanned = [
    ...found.images,
    ...found.archives.map(({ name, reference, places }) => ({ name, reference, places })),
  ];
  const images = addBilled(scanned, readBills(tree)).map(({ reference, ...row }) => ({
    ...row,
    ...(verifies ? { problem: missingIn(tree, reference) } : {}),
  }));
  return { images, notes: found.notes };
}

/** `/bin/sh -c` before a line is not a line. */
function settingsOf({ config = {} }: ImageConfig): ImageSettings {
  const { Env = [], Entrypoint = [], Cmd = [] } = config;
  const commands = [...Entrypoint, ...Cmd].filter((line) => line !== "/bin/sh" && line !== "-c");
  return { environment: toEnvironment(Env), commands };
}

type FoundRow = ScanRow & Pick<ScannedImage, "reference">;

/** What the bills know besides: digests, and images that the image's own files do not name. */
function addBilled(scanned: readonly ScannedImage[], billed: readonly BilledImage[]): readonly FoundRow[] {
  const names = new Set(scanned.map(({ name }) => name));
  const digests = new Map(billed.map(({ name, digest }) => [name, digest]));
  const others = billed.filter(({ name }) => !names.has(name));
  return [
    ...scanned.map((image) => ({ ...image, digest: digests.get(image.name) })),
    ...others.map(({ name, digest, sources }) => ({
      name,
      reference: parseReference(name),
      places: sources.map((file) => ({ file })),
      digest,
    })),
  ];
}

/** Without a Kubefile there are none. */
async function readSettings(
  { path, kubefile }: ScanRequest,
  platform: Platform,
): Promise<{ settings: ImageSettings | undefined; notes: readonly string[] }> {
  const source = await findKubefile(path, kubefile);
  if (!source) return { settings: undefined, notes: [] };
  try {
    return { settings: plannedSettings(planBuild(parseKubefile(source.text, source.name), { platform })), notes: [] };
  } catch (error) {
    if (!(error instanceof KnownError) || kubefile.file !== undefined) throw error;
    return { settings: undefined, notes: [`The image's environment and commands are not known: ${error.message}`] };
  }
}

async function findKubefile(path: string, kubefile: ScanRequest["kubefile"]): Promise<KubefileSource | undefined> {
  try {
    return await locateKubefile(path, kubefile);
  } catch (error) {
    if (error instanceof KnownError && kubefile.file === undefined) return undefined;
    throw error;
  }
}

async function verifyAll(
  ctx: Context,
  { images }: ScanResult,
  verify: (ctx: Context, image: ScannedImage) => Promise<void>,
): Promise<readonly ScanRow[]> {
  const settled = await settleLimit(ctx, { items: images, limit: 8 }, verify);
  return settled.map((result) => {
    if (result.ok) return toRow(result.item);
    if (!(result.error instanceof KnownError)) throw result.error;
    return { ...toRow(result.item), problem: messageOf(result.error) };
  });
}

async function requireObtainable(
  ctx: Context,
  { store, openRepository }: ImageEnvironment,
  { image, platform }: { image: ScannedImage; platform: Platform },
): Promise<void> {
  if (await findStored(ctx, store, { image, platform, all: false })) return;
  const source = await openRepository(image.reference);
  const root = await source.resolve(ctx, selectorOf(image.reference));
  await selectPlatform(ctx, source, { name: image.name, root, platform });
}

function toRow(image: ScannedImage | ArchivedImage): ScanRow {
  const { name, places } = image;
  return { name, places, ...("archive" in image ? { archive: image.archive.path } : {}) };
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false; // then it is the name of an image, or the store says that there is none
  }
}
