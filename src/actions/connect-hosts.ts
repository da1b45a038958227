import type { Cluster, HostSpec } from "../cluster/cluster.ts";
import type { ClusterHost } from "../cluster/cluster-run.ts";
import { operatorPaths } from "../cluster/paths.ts";
import { overrideSettings } from "../cluster/run-request.ts";
import { openTransport } from "../hosts/open-transport.ts";
import type { Transport } from "../hosts/transport.ts";
import type { ClusterEnvironment } from "./cluster-environment.ts";

/** The hosts of a cluster with the way to each. Nothing is connected before it is first used. */
export function connectHosts(cluster: Cluster, environment: ClusterEnvironment): ClusterHost[] {
  return cluster.hosts.map((host) => ({ ...host, transport: transportTo(host, cluster, environment) }));
}

export async function closeHosts(hosts: readonly ClusterHost[]): Promise<void> {
  await Promise.all(hosts.map(({ transport }) => transport.close()));
}

function transportTo(host: HostSpec, cluster: Cluster, { runtimeRoot, userId }: ClusterEnvironment): Transport {
  const { user = "root", port, ...credentials } = overrideSettings(cluster.ssh, host.ssh);
  const { knownHosts } = operatorPaths(runtimeRoot, cluster.name);
  const login = { ...credentials, address: host.address, port: host.port ?? port, user };
  return openTransport(login, { knownHostsFile: knownHosts, userId });
}
