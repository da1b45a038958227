import { basename, posix, resolve } from "node:path";

import type { Context } from "../base/context.ts";
import { InputError } from "../base/error.ts";
import type { ClusterHost } from "../cluster/cluster-run.ts";
import { hostPaths } from "../cluster/paths.ts";
import { readDiskTree } from "../cluster/tree/disk-tree.ts";
import { observeTree } from "../cluster/tree/observe-tree.ts";
import { syncTree } from "../cluster/tree/sync-tree.ts";
import { command } from "../hosts/command.ts";
import { digestOf, hexOf } from "../oci/digest.ts";
import type { ClusterEnvironment } from "./cluster-environment.ts";
import { onHosts } from "./exec-on-hosts.ts";
import type { HostSelection } from "./select-hosts.ts";

export interface CopyOptions extends HostSelection {
  readonly cluster: string;
  /** A file or folder of this machine. */
  readonly source: string;
  /** An absolute path on the hosts; a folder that is there receives the source under its name, as with `cp`. */
  readonly destination: string;
}

export interface HostCopy {
  readonly address: string;
  /** Bytes of content; a file that a cut transfer left behind is continued. */
  readonly sentBytes: number;
}

/** Copies a file or folder to hosts of a cluster, verified there by SHA-256. Other files of a folder stay. */
export async function copyToHosts(
  ctx: Context,
  environment: ClusterEnvironment,
  { cluster: name, source, destination, ...selection }: CopyOptions,
): Promise<readonly HostCopy[]> {
  if (!posix.isAbsolute(destination)) {
    throw new InputError(`Cannot copy to "${destination}": expected an absolute path on the hosts`);
  }
  const { state } = hostPaths(environment.dataRoot, name);
  return onHosts(ctx, environment, { name, selection }, async (inner, host) => {
    const sentBytes = await copyToHost(inner, host, { source: resolve(source), destination, state });
    return { address: host.address, sentBytes };
  });
}

async function copyToHost(
  ctx: Context,
  { transport }: ClusterHost,
  { source, destination, state }: { source: string; destination: string; state: string },
): Promise<number> {
  const test = command(["test", "-d", destination], { allowedExitCodes: [0, 1] });
  const isFolder = destination.endsWith("/") || (await transport.query(ctx, test)).exitCode === 0;
  const target = isFolder ? posix.join(destination, basename(source)) : destination;
  const put = await readDiskTree(ctx, source, posix.basename(target));
  const key = `scp-${hexOf(digestOf(target)).slice(0, 12)}`;
  const location = {
    directory: posix.dirname(target),
    recordFile: posix.join(state, `${key}.tree`),
    incoming: posix.join(state, `${key}.incoming`),
    exclude: [],
  };
  let sentBytes = 0;
  // The folder belongs to others too: only what waits half-way in `incoming` is asked for.
  const observed = await observeTree(ctx, transport, { ...location, directory: location.incoming });
  const transfer = { transport, location, desired: put, change: { put, remove: [] }, state: observed };
  await syncTree(ctx, transfer, (sizeBytes) => {
    sentBytes += sizeBytes;
  });
  await transport.run(ctx, command(["rm", "-f", location.recordFile]));
  return sentBytes;
}
