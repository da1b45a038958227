import { settleLimit, type Settled } from "../base/concurrency.ts";
import type { Context } from "../base/context.ts";
import type { ClusterHost } from "../cluster/cluster-run.ts";
import type { CommandResult } from "../hosts/command.ts";
import type { ClusterEnvironment } from "./cluster-environment.ts";
import { closeHosts, connectHosts } from "./connect-hosts.ts";
import { selectHosts, type HostSelection } from "./select-hosts.ts";
import { loadCluster } from "./stored-cluster.ts";

const HOSTS_AT_ONCE = 32;

export interface ExecOptions extends HostSelection {
  readonly cluster: string;
  /** Shell lines, run one after the other in one shell; the first that fails ends it. */
  readonly lines: readonly string[];
}

export interface HostOutput {
  readonly address: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Runs shell lines on hosts of a cluster, as root. A line that fails is an answer, not an error of ours. */
export async function execOnHosts(
  ctx: Context,
  environment: ClusterEnvironment,
  { cluster: name, lines, ...selection }: ExecOptions,
): Promise<readonly HostOutput[]> {
  const argv = ["bash", "-c", ["set -e", ...lines].join("\n")] as const;
  return onHosts(ctx, environment, { name, selection }, async (inner, { address, transport }) => {
    const result = await transport.run(inner, { argv: [...argv], allowedExitCodes: ANY_EXIT_CODE });
    return toOutput(address, result);
  });
}

const ANY_EXIT_CODE = Array.from({ length: 256 }, (_, code) => code);

/** Does something on each selected host; a host that fails does not stop the others, and is thrown at the end. */
export async function onHosts<T>(
  ctx: Context,
  environment: ClusterEnvironment,
  { name, selection }: { name: string; selection: HostSelection },
  work: (ctx: Context, host: ClusterHost) => Promise<T>,
): Promise<readonly T[]> {
  const { cluster } = await loadCluster(environment.runtimeRoot, name);
  const hosts = connectHosts({ ...cluster, hosts: selectHosts(cluster, selection) }, environment);
  try {
    return valuesOf(await settleLimit(ctx, { items: hosts, limit: HOSTS_AT_ONCE }, work));
  } finally {
    await closeHosts(hosts);
  }
}

function valuesOf<R>(outcomes: readonly Settled<ClusterHost, R>[]): R[] {
  return outcomes.map((outcome) => {
    if (outcome.ok) return outcome.value;
    throw outcome.error;
  });
}

function toOutput(address: string, { stdout, stderr, exitCode }: CommandResult): HostOutput {
  return { address, stdout, stderr, exitCode };
}
