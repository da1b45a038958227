import type { Context } from "../base/context.ts";
import { toClusterImage, type ClusterImage } from "../cluster/cluster-image.ts";
import type { HostTree, HostTreeEntry } from "../cluster/tree/host-tree.ts";
import { openImageFiles, type ImageFiles, type TreeEntry } from "../store/image-files.ts";
import { findImage } from "./find-image.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { readImage } from "./read-image.ts";

/** Finds a cluster image, pulling it if need be, and opens its files where they are: nothing is unpacked. */
export async function mountImage(ctx: Context, environment: ImageEnvironment, name: string): Promise<ClusterImage> {
  const { store, platform } = environment;
  const root = await findImage(ctx, environment, { name });
  const { descriptor, config } = await readImage(ctx, store, { name, root, platform });
  const files = toHostTree(await openImageFiles(ctx, store, descriptor));
  return toClusterImage(name, { digest: descriptor.digest, config, files });
}
