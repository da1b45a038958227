import type { Context } from "../base/context.ts";
import { applyRunRequest, type RunRequest } from "../cluster/run-request.ts";
import type { ClusterEnvironment } from "./cluster-environment.ts";
import { convergeCluster, type ConvergeOptions, type ConvergeResult } from "./converge-cluster.ts";
import { findCluster, withCluster } from "./stored-cluster.ts";

/** Makes a cluster out of images and hosts, or adds images and hosts to one that is there. */
export async function runCluster(
  ctx: Context,
  environment: ClusterEnvironment,
  { request, ...options }: ConvergeOptions & { request: RunRequest },
): Promise<ConvergeResult> {
  const { runtimeRoot } = environment;
  return withCluster(ctx, { runtimeRoot, name: request.cluster }, async () => {
    const clusterfile = applyRunRequest(await findCluster(runtimeRoot, request.cluster), request);
    return convergeCluster(ctx, environment, { ...options, clusterfile });
  });
}
