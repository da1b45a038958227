import type { Context } from "../../base/context.ts";
import type { FileTree } from "../context/file-tree.ts";
import type { ImageSettings } from "./helm-commands.ts";
import { readIgnoredImages } from "./ignore-images.ts";
import { listArchives, listImages } from "./image-lists.ts";
import { collectImages, type ArchivedImage, type Mention, type ScannedImage } from "./scanned-image.ts";

const NO_SETTINGS: ImageSettings = { environment: {}, commands: [] };

/** The container images that a build context needs, each once. */
export interface ScanResult {
  readonly images: readonly ScannedImage[];
  /** Images that the context brings along. */
  readonly archives: readonly ArchivedImage[];
  /** What could not be looked at, and why. */
  readonly notes: readonly string[];
}

/**
 * Finds the container images that the lists, manifests and charts of a build context name. Nothing is fetched.
 * @param settings of the image: templates of manifests see its environment, its commands set values of charts
 * @throws {InputError} when a list is malformed
 */
export async function scanContext(
  ctx: Context,
  context: FileTree,
  settings: ImageSettings = NO_SETTINGS,
): Promise<ScanResult> {
  const isIgnored = readIgnoredImages(context);
  const lists = listImages(context);
  const archives = listArchives(context).filter(({ name, reference }) => !isIgnored(name, reference));
  const manifests = await findInManifests(context, settings);
  const charts = await findInCharts(ctx, context, settings);
  const mentions = [...lists, ...manifests.mentions, ...charts.mentions];
  const archived = new Set(archives.map(({ name }) => name));
  const images = collectImages(mentions, isIgnored).filter(({ name }) => !archived.has(name));
  return { images, archives, notes: [...manifests.notes, ...charts.notes] };
}

interface Mentions {
  readonly mentions: readonly Mention[];
  readonly notes: readonly string[];
}

const NO_MENTIONS: Mentions = { mentions: [], notes: [] };

// Loading YAML and the template engine takes 40 ms, which builds without manifests and charts do not spend.

async function findInManifests(context: FileTree, { environment }: ImageSettings): Promise<Mentions> {
  if (context.list("manifests").length === 0) return NO_MENTIONS;
  const { findManifestImages } = await import("./manifest-images.ts");
  return findManifestImages(context, environment);
}

async function findInCharts(ctx: Context, context: FileTree, settings: ImageSettings): Promise<Mentions> {
  if (context.list("charts").length === 0) return NO_MENTIONS;
  const { findChartImages } = await import("./chart-images.ts");
  return findChartImages(ctx, context, settings);
}
