import { posix } from "node:path";

import type { ClusterRun } from "../cluster-run.ts";
import type { Phase } from "../phase.ts";
import { planTree } from "../tree/plan-tree.ts";
import { registryTree } from "../tree/host-trees.ts";

/** Container images that other clusters' tools pushed into the registry stay: only what is missing is added. */
export const syncRegistry: Phase<ClusterRun> = {
  name: "sync-registry",
  title: "Fill the cluster registry",
  concurrency: 1,
  async plan(ctx, run) {
    const host = run.registryHost;
    const desired = await registryTree(ctx, run);
    const directory = posix.join(run.paths.rootfs, "registry");
    return [
      [await planTree(ctx, run, { host, title: host.address, desired, name: "registry", directory, exclude: [] })],
    ];
  },
};
