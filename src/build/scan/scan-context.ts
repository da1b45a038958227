import type { Context } from "../../base/context.ts";
import type { FileTree } from "../context/file-tree.ts";
import { findChartImages } from "./chart-images.ts";
import { readIgnoredImages } from "./ignore-images.ts";
import { listArchives, listImages } from "./image-lists.ts";
import { findManifestImages } from "./manifest-images.ts";
import { collectImages, type ArchivedImage, type ScannedImage } from "./scanned-image.ts";
import type { TemplateData } from "./template-images.ts";

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
 * @param data what templates of manifests see: the environment of the image
 * @throws {InputError} when a list is malformed
 */
export async function scanContext(ctx: Context, context: FileTree, data: TemplateData = {}): Promise<ScanResult> {
  const isIgnored = readIgnoredImages(context);
  const lists = listImages(context);
  const archives = listArchives(context).filter(({ name, reference }) => !isIgnored(name, reference));
  const manifests = findManifestImages(context, data);
  const charts = await findChartImages(ctx, context);
  const mentions = [...lists, ...manifests.mentions, ...charts.mentions];
  const archived = new Set(archives.map(({ name }) => name));
  const images = collectImages(mentions, isIgnored).filter(({ name }) => !archived.has(name));
  return { images, archives, notes: [...manifests.notes, ...charts.notes] };
}
