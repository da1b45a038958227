import type { Context } from "../base/context.ts";
import { hostPaths } from "../cluster/paths.ts";
import { runPhases, type PhaseReport } from "../cluster/phase.ts";
import { RESET_PHASES } from "../cluster/phases/reset.ts";
import type { ClusterEnvironment } from "./cluster-environment.ts";
import { closeHosts, connectHosts } from "./connect-hosts.ts";
import { loadCluster, retireCluster, withCluster } from "./stored-cluster.ts";

/** Takes a cluster's hosts back to what they were. Fails when a host could not be cleaned; it can be run again. */
export async function resetCluster(
  ctx: Context,
  environment: ClusterEnvironment,
  name: string,
): Promise<readonly PhaseReport[]> {
  const { runtimeRoot, dataRoot } = environment;
  return withCluster(ctx, { runtimeRoot, name }, async () => {
    const { cluster } = await loadCluster(runtimeRoot, name);
    const hosts = connectHosts(cluster, environment);
    try {
      const reports = await runPhases(ctx, RESET_PHASES, { name, hosts, paths: hostPaths(dataRoot, name) });
      await retireCluster(runtimeRoot, name, environment.now());
      return reports;
    } finally {
      await closeHosts(hosts);
    }
  });
}
