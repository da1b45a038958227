import { mapLimit } from "../../base/concurrency.ts";
import { LOOKS_AT_ONCE, type ClusterRun } from "../cluster-run.ts";
import type { Phase } from "../phase.ts";
import { planTree } from "../tree/plan-tree.ts";
import { applicationTree, rootfsTree } from "../tree/host-trees.ts";

/** Hosts receiving content at the same time: more would only share the operator's link. */
const HOSTS_AT_ONCE = 8;

export const distributeRootfs: Phase<ClusterRun> = {
  name: "distribute-rootfs",
  title: "Send the files",
  concurrency: HOSTS_AT_ONCE,
  async plan(ctx, run) {
    const { rootfs } = run.paths;
    const folder = { name: "rootfs", directory: rootfs, exclude: ["registry"] };
    const steps = await mapLimit(ctx, { items: run.hosts, limit: LOOKS_AT_ONCE }, async (inner, host) =>
      planTree(inner, run, { host, title: host.address, desired: await rootfsTree(inner, run, host), ...folder }),
    );
    const host = run.firstControlPlane;
    for (const image of await run.images(ctx)) {
      if (image.kind !== "application") continue;
      const directory = run.paths.application(image.digest);
      const desired = await applicationTree(ctx, run, image);
      const work = { name: `application-${image.digest.slice(7, 19)}`, directory, exclude: [] };
      steps.push(await planTree(ctx, run, { host, title: `${host.address} ${image.name}`, desired, ...work }));
    }
    return [steps];
  },
};
