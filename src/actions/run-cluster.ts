import type { Context } from "../base/context.ts";
import { InputError } from "../base/error.ts";
import { applyRunRequest, type RunRequest } from "../cluster/run-request.ts";
import type { ClusterEnvironment } from "./cluster-environment.ts";
import { convergeCluster, type ConvergeOptions, type ConvergeResult } from "./converge-cluster.ts";
import { loadImages } from "./load-images.ts";
import { findCluster, withCluster } from "./stored-cluster.ts";

/**
 * Makes a cluster out of images and hosts, or adds images and hosts to one that is there. An image that is the file of
 * an archive is loaded first, and stands for the images in it.
 */
export async function runCluster(
  ctx: Context,
  environment: ClusterEnvironment,
  { request, ...options }: ConvergeOptions & { request: RunRequest },
): Promise<ConvergeResult> {
  const { runtimeRoot } = environment;
  return withCluster(ctx, { runtimeRoot, name: request.cluster }, async () => {
    const images: string[] = [];
    for (const image of request.images) images.push(...(await imagesOf(ctx, environment, image)));
    const clusterfile = applyRunRequest(await findCluster(runtimeRoot, request.cluster), { ...request, images });
    return convergeCluster(ctx, environment, { ...options, clusterfile });
  });
}

async function imagesOf(ctx: Context, environment: ClusterEnvironment, image: string): Promise<readonly string[]> {
  if (!/\.(?:tar|gz|tgz)$/.test(image)) return [image];
  const loaded = await loadImages(ctx, environment, image);
  return loaded.map(({ name }) => {
    if (name !== undefined) return name;
    throw new InputError(`Cannot run "${image}": an image in it has no name`, {
      hint: "Load it with `sealos load`, and give it a name with `sealos tag`",
    });
  });
}
