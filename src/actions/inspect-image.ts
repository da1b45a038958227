import type { Context } from "../base/context.ts";
import type { Digest } from "../oci/digest.ts";
import type { ImageConfig } from "../oci/image-config.ts";
import { parseLocation, renderLocation } from "../oci/image-location.ts";
import type { Manifest } from "../oci/manifest.ts";
import type { Platform } from "../oci/platform.ts";
import { fetchDocument } from "../oci/verify.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { openImageSource } from "./open-image-source.ts";
import { readImage, selectPlatform } from "./read-image.ts";

export interface ImageDetails {
  readonly name: string;
  readonly digest: Digest;
  readonly id: Digest;
  readonly config: ImageConfig;
  readonly manifest: Manifest;
}

interface InspectRequest {
  /** A name in the store, an ID, or a location such as `docker://NAME`. */
  readonly name: string;
  readonly platform?: Platform | undefined;
}

/** What is to be known about an image, of which only the documents are read. */
export async function inspectImage(
  ctx: Context,
  environment: ImageEnvironment,
  { name, platform = environment.platform }: InspectRequest,
): Promise<ImageDetails> {
  const location = parseLocation(name);
  await using source = await openImageSource(ctx, environment, location);
  const wanted = { name, root: source.root, platform };
  const { descriptor, manifest, config } = await readImage(ctx, source.content, wanted);
  const known = source.name ?? renderLocation(location);
  return { name: known, digest: descriptor.digest, id: manifest.config.digest, config, manifest };
}

/**
 * One document of an image exactly as it is stored: the manifest or index that the name stands for, or the
 * configuration of the image for the platform.
 */
export async function readDocument(
  ctx: Context,
  environment: ImageEnvironment,
  { name, platform, document }: InspectRequest & { document: "manifest" | "config" },
): Promise<string> {
  await using source = await openImageSource(ctx, environment, parseLocation(name));
  const { content } = source;
  const wanted = { name, root: source.root, platform: platform ?? environment.platform };
  if (document === "manifest") {
    // Whoever names a platform wants its manifest, everybody else sees what the name stands for.
    const root = platform === undefined ? source.root : await selectPlatform(ctx, content, wanted);
    return (await fetchDocument(ctx, content, root)).toString("utf8");
  }
  const { manifest } = await readImage(ctx, content, wanted);
  return (await fetchDocument(ctx, content, manifest.config)).toString("utf8");
}
