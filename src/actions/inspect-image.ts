import type { Context } from "../base/context.ts";
import type { Digest } from "../oci/digest.ts";
import type { Platform } from "../oci/platform.ts";
import type { ImageConfig } from "../oci/image-config.ts";
import type { Manifest } from "../oci/manifest.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { readImage } from "./read-image.ts";

export interface ImageDetails {
  readonly name: string;
  readonly digest: Digest;
  readonly id: Digest;
  readonly config: ImageConfig;
  readonly manifest: Manifest;
}

/** What is to be known about an image of the store. */
export async function inspectImage(
  ctx: Context,
  { store, platform }: ImageEnvironment,
  { name, ...options }: { name: string; platform?: Platform | undefined },
): Promise<ImageDetails> {
  const found = await store.find(ctx, name);
  const { descriptor, manifest, config } = await readImage(ctx, store, {
    name,
    root: found.descriptor,
    platform: options.platform ?? platform,
  });
  return { name: found.name ?? name, digest: descriptor.digest, id: manifest.config.digest, config, manifest };
}
