import { mapLimit } from "../base/concurrency.ts";
import type { Context } from "../base/context.ts";
import { KnownError } from "../base/error.ts";
import type { Digest } from "../oci/digest.ts";
import { isIndexType } from "../oci/media-type.ts";
import type { Platform } from "../oci/platform.ts";
import type { StoredImage } from "../store/image-names.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { readImage } from "./read-image.ts";

/** One image of the store with all its names. */
export interface ImageSummary {
  /** Digest of the configuration; of the manifest when that cannot be read. */
  readonly id: Digest;
  readonly digest: Digest;
  /** Canonical names, sorted; none for an image that lost its name. */
  readonly names: readonly string[];
  /** Absent when the image does not say. */
  readonly created: Date | undefined;
  /** Of manifest, configuration and layers as they are stored. */
  readonly sizeBytes: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly platform: Platform | undefined;
  /** Whether it is an index of several platforms. */
  readonly isIndex: boolean;
}

/** The images of the store, the newest first. */
export async function listImages(ctx: Context, environment: ImageEnvironment): Promise<readonly ImageSummary[]> {
  const stored = await environment.store.list(ctx);
  const summaries = await mapLimit(ctx, { items: stored, limit: 8 }, (inner, image) =>
    summarise(inner, environment, image),
  );
  return summaries.sort(
    (a, b) => (b.created?.getTime() ?? 0) - (a.created?.getTime() ?? 0) || compare(a.names[0] ?? "", b.names[0] ?? ""),
  );
}

async function summarise(
  ctx: Context,
  { store, platform }: ImageEnvironment,
  image: StoredImage,
): Promise<ImageSummary> {
  const root = image.descriptor;
  const { digest } = root;
  const names = image.names.toSorted(compare);
  const isIndex = isIndexType(root.mediaType);
  try {
    const { descriptor, manifest, config } = await readImage(ctx, store, { name: names[0] ?? digest, root, platform });
    const { os, architecture, variant } = config;
    return {
      id: manifest.config.digest,
      digest,
      names,
      created: config.created === undefined ? undefined : new Date(config.created),
      sizeBytes: [descriptor, manifest.config, ...manifest.layers].reduce((sum, { size }) => sum + size, 0),
      labels: config.config?.Labels ?? {},
      platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
      isIndex,
    };
  } catch (error) {
    // A damaged image, or one for other platforms, must not hide the others.
    if (!(error instanceof KnownError)) throw error;
    const unknown = { created: undefined, labels: {}, platform: undefined };
    return { ...unknown, id: digest, digest, names, sizeBytes: root.size, isIndex };
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
