import type { Context } from "../base/context.ts";
import { InputError } from "../base/error.ts";
import type { Clusterfile } from "../cluster/cluster.ts";
import type { ClusterEnvironment } from "./cluster-environment.ts";
import { convergeCluster, type ConvergeOptions, type ConvergeResult } from "./converge-cluster.ts";
import { findCluster, withCluster } from "./stored-cluster.ts";

export interface ApplyOptions extends ConvergeOptions {
  readonly clusterfile: Clusterfile;
  /** The only host when the Clusterfile names none. */
  readonly ownAddress: string | undefined;
}

/** Makes a cluster what a Clusterfile says. Hosts are added by it, never removed. */
export async function applyClusterfile(
  ctx: Context,
  environment: ClusterEnvironment,
  { clusterfile: given, ownAddress, ...options }: ApplyOptions,
): Promise<ConvergeResult> {
  const { runtimeRoot } = environment;
  const clusterfile = withHosts(given, ownAddress);
  const { name } = clusterfile.cluster;
  return withCluster(ctx, { runtimeRoot, name }, async () => {
    const stored = await findCluster(runtimeRoot, name);
    if (stored) refuseRemoval(stored, clusterfile);
    const wanted = { ...clusterfile, createdAt: stored?.createdAt, imageEnv: { ...stored?.imageEnv } };
    return convergeCluster(ctx, environment, { ...options, clusterfile: wanted });
  });
}

function withHosts(clusterfile: Clusterfile, ownAddress: string | undefined): Clusterfile {
  const { cluster } = clusterfile;
  if (cluster.hosts.length > 0 || ownAddress === undefined) return clusterfile;
  const own = { address: ownAddress, roles: ["master"], env: {}, ssh: {} };
  return { ...clusterfile, cluster: { ...cluster, hosts: [own] } };
}

function refuseRemoval(stored: Clusterfile, wanted: Clusterfile): void {
  const missing = stored.cluster.hosts.filter(
    ({ address }) => !wanted.cluster.hosts.some((host) => host.address === address),
  );
  if (missing.length === 0) return;
  const addresses = missing.map(({ address }) => address).join(", ");
  throw new InputError(
    `Cannot apply the Clusterfile: it lacks ${addresses}, which cluster "${stored.cluster.name}" has`,
    {
      hint: "Add the hosts to the file; to take a whole cluster apart use `sealos reset`",
    },
  );
}
