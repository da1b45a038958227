import { execOnHosts } from "../../actions/exec-on-hosts.ts";
import { openClusterEnvironment } from "../cluster-environment.ts";
import { CLUSTER_FLAG, SELECTION_FLAGS } from "../cluster-flags.ts";
import { defineCommand } from "../define-command.ts";

export const exec = defineCommand({
  description: [
    "Runs shell lines as root on all hosts of a cluster, or on those of some roles or addresses. Each line of output",
    "is preceded by the host's address. The exit code is that of the first host whose command failed.",
  ].join("\n"),
  examples: ["sealos exec 'df -h /var/lib'", "sealos exec -r master 'kubectl get nodes'"],
  args: ["command..."],
  flags: { ...CLUSTER_FLAG, ...SELECTION_FLAGS },
  output: "json",
  async run(ctx, { args, flags, environment }) {
    return execOnHosts(ctx, await openClusterEnvironment(ctx, environment), {
      cluster: flags.cluster,
      lines: args.command,
      roles: flags.roles,
      addresses: flags.ips,
    });
  },
  render: (outputs) =>
    outputs
      .flatMap(({ address, stdout, stderr }) =>
        `${stdout}${stderr}`
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => `${address}\t${line}`),
      )
      .join("\n"),
  exitCode: (outputs) => outputs.find(({ exitCode }) => exitCode !== 0)?.exitCode ?? 0,
});
