import { posix } from "node:path";

import type { Context } from "../../base/context.ts";
import { renderSize } from "../../base/text.ts";
import type { ClusterHost, ClusterRun } from "../cluster-run.ts";
import type { Step } from "../phase.ts";
import type { HostTree } from "./host-tree.ts";
import { observeTree, type HostTreeState, type TreeLocation } from "./observe-tree.ts";
import { diffTree, NOTHING_OBSERVED, type TreeChange } from "./record.ts";
import { syncTree } from "./sync-tree.ts";

export interface TreePlan {
  readonly host: ClusterHost;
  readonly title: string;
  readonly desired: HostTree;
  /** Unique among the trees of a host. */
  readonly name: string;
  readonly directory: string;
  readonly exclude: readonly string[];
}

/** The step that makes a folder of a host hold a tree. */
export async function planTree(ctx: Context, run: ClusterRun, plan: TreePlan): Promise<Step> {
  const { host, title, desired, name, directory, exclude } = plan;
  const location: TreeLocation = {
    directory,
    recordFile: posix.join(run.paths.state, `${name}.tree`),
    incoming: posix.join(run.paths.state, `${name}.incoming`),
    exclude,
  };
  const state = await observe(ctx, run, host, location);
  const change = diffTree(desired, state);
  return {
    title,
    isDone: change.put.size === 0 && change.remove.length === 0,
    details: describeChange(change),
    perform: (inner) =>
      syncTree(inner, { transport: host.transport, location, desired, change, state }, (sizeBytes) =>
        run.countSent(host, sizeBytes),
      ),
  };
}

async function observe(
  ctx: Context,
  run: ClusterRun,
  host: ClusterHost,
  location: TreeLocation,
): Promise<HostTreeState> {
  const isReachable = (await run.findFacts(ctx, host)) !== undefined;
  return isReachable ? observeTree(ctx, host.transport, location) : { ...NOTHING_OBSERVED, incoming: new Map() };
}

function describeChange({ put, remove }: TreeChange): string[] {
  const sizeBytes = [...put.values()].reduce((sum, entry) => sum + (entry.type === "file" ? entry.size : 0), 0);
  return [
    ...(put.size > 0 ? [`send ${put.size} entries, ${renderSize(sizeBytes)}`] : []),
    ...(remove.length > 0 ? [`remove ${remove.length} entries`] : []),
  ];
}
