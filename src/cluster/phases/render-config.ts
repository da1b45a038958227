import { conditionsOf } from "../cluster-options.ts";
import { rootfsTree } from "../tree/host-trees.ts";
import type { ClusterRun } from "../cluster-run.ts";
import type { Phase } from "../phase.ts";

/** Renders everything before any host is changed: a template that fails stops the run here. */
export const renderConfig: Phase<ClusterRun> = {
  name: "render-config",
  title: "Render the configuration",
  concurrency: 1,
  async plan(ctx, run) {
    for (const host of run.hosts) await rootfsTree(ctx, run, host);
    const { hasCgroupV1, hasReadOnlySysctls, hasFullDisk } = await conditionsOf(ctx, run);
    const details = [
      ...(hasCgroupV1 ? ["cgroup v1: the kubelet is told to accept it"] : []),
      ...(hasReadOnlySysctls ? ["sysctls are read-only: kube-proxy leaves conntrack alone"] : []),
      ...(hasFullDisk ? ["disk nearly full: the kubelet gets absolute thresholds"] : []),
    ];
    return [[{ title: `${run.hosts.length} hosts`, isDone: true, details, perform: async () => {} }]];
  },
};
