import { copyToHosts } from "../../actions/copy-to-hosts.ts";
import { renderSize } from "../../base/text.ts";
import { openClusterEnvironment } from "../cluster-environment.ts";
import { CLUSTER_FLAG, SELECTION_FLAGS } from "../cluster-flags.ts";
import { defineCommand } from "../define-command.ts";

export const scp = defineCommand({
  description: "Copies a file or folder to all hosts of a cluster, or to those of some roles or addresses.",
  examples: ["sealos scp ./app.conf /etc/app.conf", "sealos scp -r master ./charts /root/"],
  args: ["source", "destination"],
  flags: { ...CLUSTER_FLAG, ...SELECTION_FLAGS },
  output: "json",
  async run(ctx, { args, flags, environment }) {
    return copyToHosts(ctx, await openClusterEnvironment(ctx, environment), {
      ...args,
      cluster: flags.cluster,
      roles: flags.roles,
      addresses: flags.ips,
    });
  },
  render: (copies) => copies.map(({ address, sentBytes }) => `${address}\t${renderSize(sentBytes)}`).join("\n"),
});
