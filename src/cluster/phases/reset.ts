import type { Context } from "../../base/context.ts";
import { shell } from "../../hosts/command.ts";
import { cleanScriptPath, kubeconfigBackupPath } from "../clean-script.ts";
import type { ClusterHost } from "../cluster-run.ts";
import { isControlPlane } from "../cluster.ts";
import { hostsFileCommand } from "../hosts-file.ts";
import type { HostPaths } from "../paths.ts";
import type { Phase, Step } from "../phase.ts";

/** A cluster on its way out. */
export interface ResetRun {
  readonly name: string;
  readonly hosts: readonly ClusterHost[];
  readonly paths: HostPaths;
}

const HOSTS_AT_ONCE = 16;
const TIMEOUT_MS = 15 * 60_000;

/** Workers first, the first control plane last: as long as it can, the cluster knows who leaves. */
const cleanHosts: Phase<ResetRun> = {
  name: "clean-hosts",
  title: "Take the hosts back to what they were",
  concurrency: HOSTS_AT_ONCE,
  async plan(_, run) {
    const workers = run.hosts.filter((host) => !isControlPlane(host));
    const controlPlanes = run.hosts.filter(isControlPlane).toReversed();
    return [workers, ...controlPlanes.map((host) => [host])].map((hosts) => hosts.map((host) => cleanStep(run, host)));
  },
};

export const RESET_PHASES: readonly Phase<ResetRun>[] = [cleanHosts];

function cleanStep(run: ResetRun, host: ClusterHost): Step {
  return {
    title: host.address,
    isDone: false,
    details: ["kubeadm reset", "run the image's clean scripts", `remove ${run.paths.data}`],
    perform: (ctx) => cleanHost(ctx, run, host),
  };
}

/** The way back is removed last: a clean that fails can be tried again. */
async function cleanHost(ctx: Context, { name, paths }: ResetRun, { transport }: ClusterHost): Promise<void> {
  const script = cleanScriptPath(paths);
  await transport.run(ctx, shell(RUN_CLEAN, [script], { timeoutMs: TIMEOUT_MS }));
  await transport.run(ctx, shell(RESTORE_KUBECONFIG, [kubeconfigBackupPath(paths), paths.state]));
  await transport.run(ctx, hostsFileCommand(name, []));
  await transport.run(ctx, shell(REMOVE_DATA, [paths.data]));
}

const RUN_CLEAN = 'if [ -f "$1" ]; then sh "$1"; fi';

const RESTORE_KUBECONFIG = `
set -eu
if [ -f "$2/kubeconfig.installed" ]; then
  rm -f "$HOME/.kube/config"
  if [ -f "$1" ]; then cp -p "$1" "$HOME/.kube/config"; fi
  if [ -d "$HOME/.kube" ]; then rm -rf "$HOME/.kube/cache"; rmdir "$HOME/.kube" 2>/dev/null || true; fi
fi
`;

/** Parents go too when nothing else is in them. */
const REMOVE_DATA = `
set -eu
rm -rf "$1"
for parent in "$(dirname "$1")" "$(dirname "$(dirname "$1")")"; do rmdir "$parent" 2>/dev/null || true; done
`;
