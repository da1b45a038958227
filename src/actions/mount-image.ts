import type { Context } from "../base/context.ts";
import { toClusterImage, type ClusterImage } from "../cluster/cluster-image.ts";
import { openImageFiles } from "../store/image-files.ts";
import { findImage } from "./find-image.ts";
import type { ImageEnvironment } from "./image-environment.ts";

/** Finds a cluster image, pulling it if need be, and opens its files where they are: nothing is unpacked. */
export async function mountImage(ctx: Context, environment: ImageEnvironment, name: string): Promise<ClusterImage> {
  const descriptor = await findImage(ctx, environment, { name });
  const { config, tree, notes } = await openImageFiles(ctx, environment.store, descriptor);
  for (const note of notes) ctx.progress.output(note);
  return toClusterImage(name, { digest: descriptor.digest, config, files: tree });
}
