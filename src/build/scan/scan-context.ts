import type { Context } from "../../base/context.ts";
import type { FileTree } from "../context/file-tree.ts";
import { findChartImages } from "./chart-images.ts";
import type { ImageSettings } from "./helm-commands.ts";
import { readIgnoredImages } from "./ignore-images.ts";
import { listArchives, listImages } from "./image-lists.ts";
import { findManifestImages } from "./manifest-images.ts";
import { collectImages, type ArchivedImage, type ScannedImage } from "./scanned-image.ts";

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
  const manifests = findManifestImages(context, settings.environment);
  const charts = await findChartImages(ctx, context, settings);
  const mentions = [...lists, ...manifests.mentions, ...charts.mentions];
  const archived = new Set(archives.map(({ name }) => name));
  const images = collectImages(mentions, isIgnored).filter(({ name }) => !archived.has(name));
  return { images, archives, notes: [...manifests.notes, ...charts.notes] };
}
