import { clusterStatus, type ClusterStatus } from "../../actions/cluster-status.ts";
import { renderTable } from "../../base/text.ts";
import { openClusterEnvironment } from "../cluster-environment.ts";
import { CLUSTER_FLAG } from "../cluster-flags.ts";
import { defineCommand } from "../define-command.ts";

export const status = defineCommand({
  description:
    "Shows what the hosts of a cluster and its API server say now. The exit code is 1 when something is wrong.",
  flags: CLUSTER_FLAG,
  output: "json",
  run: async (ctx, { flags, environment }) =>
    clusterStatus(ctx, await openClusterEnvironment(ctx, environment), flags.cluster),
  render: renderStatus,
  exitCode: ({ isHealthy }) => (isHealthy ? 0 : 1),
});

function renderStatus({ name, phase, images, hosts, nodes, pods, error }: ClusterStatus): string {
  const rows = hosts.map((host) => {
    const node = nodes.find(({ address }) => address === host.address);
    const units = Object.entries(host.units).map(([unit, state]) => `${unit} ${state}`);
    const state = node === undefined ? "not a node" : node.isReady ? "Ready" : "NotReady";
    return [host.address, host.roles.join(","), state, node?.version ?? "", host.error ?? units.join(", ")];
  });
  return [
    `Cluster "${name}": ${phase ?? "unknown"}`,
    `Images:  ${images.join(", ")}`,
    "",
    renderTable([["HOST", "ROLES", "NODE", "VERSION", "UNITS"], ...rows]),
    "",
    error === undefined
      ? `Pods: ${pods.running} running, ${pods.completed} completed, ${pods.others.length} not ready`
      : `Pods: unknown: ${error}`,
    ...pods.others.map((pod) => `  ${pod}`),
  ].join("\n");
}
