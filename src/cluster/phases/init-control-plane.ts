import type { Context } from "../../base/context.ts";
import { shell } from "../../hosts/command.ts";
import { kubeconfigBackupPath } from "../clean-script.ts";
import { clusterOptions, installAuditPolicy, nodeOptions } from "../cluster-options.ts";
import type { ClusterHost, ClusterRun } from "../cluster-run.ts";
import type { Phase } from "../phase.ts";

/** Generous: a control plane that is not up by then does not come up. */
export const KUBEADM_TIMEOUT_MS = 15 * 60_000;

export const initControlPlane: Phase<ClusterRun> = {
  name: "init-control-plane",
  title: "Initialise the first control plane",
  concurrency: 1,
  async plan(ctx, run) {
    const host = run.firstControlPlane;
    const journal = await run.journal(ctx, host);
    const { kubernetesVersion } = await clusterOptions(ctx, run);
    return [
      [
        {
          title: host.address,
          isDone: journal.knows("kubeadm-init"),
          details: [`kubeadm init, Kubernetes ${kubernetesVersion}`],
          async perform(inner) {
            await initialise(inner, run, host, journal.knows("kubeadm-init-started"));
            await journal.record(inner, "kubeadm-init");
          },
        },
      ],
    ];
  },
};

/**
 * Every phase of kubeadm keeps what is there already. So an init that was cut off goes on where it stopped, once its
 * checks for a clean machine are left out; nothing of a control plane that may be alive is taken away.
 */
async function initialise(ctx: Context, run: ClusterRun, host: ClusterHost, wasStarted: boolean): Promise<void> {
  const { transport } = host;
  const options = await clusterOptions(ctx, run);
  const resumed = { kind: "InitConfiguration", nodeRegistration: { ignorePreflightErrors: ["all"] } };
  const overrides = wasStarted ? [...options.overrides, resumed] : options.overrides;
  const { files, command } = run.runtime.init({ ...options, overrides }, await nodeOptions(ctx, run, host));
  const journal = await run.journal(ctx, host);
  await installAuditPolicy(ctx, run, host);
  for (const file of files) await transport.putFile(ctx, file);
  await journal.record(ctx, "kubeadm-init-started");
  await transport.run(ctx, { ...command, timeoutMs: KUBEADM_TIMEOUT_MS });
  await installKubeconfig(ctx, run, host);
}

/** Where kubectl and helm of root look. A configuration that was there before is kept for the day of the reset. */
export async function installKubeconfig(ctx: Context, run: ClusterRun, host: ClusterHost): Promise<void> {
  const parameters = [kubeconfigBackupPath(run.paths), run.paths.state];
  await host.transport.run(ctx, shell(INSTALL_KUBECONFIG, parameters));
}

const INSTALL_KUBECONFIG = `
set -eu
installed=$2/kubeconfig.installed
if [ ! -f "$installed" ]; then
  if [ -f "$HOME/.kube/config" ]; then cp -p "$HOME/.kube/config" "$1"; fi
  : >"$installed"
fi
install -D -m 0600 /etc/kubernetes/admin.conf "$HOME/.kube/config"
`;
