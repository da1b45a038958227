import { resetCluster } from "../../actions/reset-cluster.ts";
import { UsageError } from "../../base/error.ts";
import { openClusterEnvironment } from "../cluster-environment.ts";
import { CLUSTER_FLAG } from "../cluster-flags.ts";
import { defineCommand } from "../define-command.ts";

export const reset = defineCommand({
  description: "Takes the hosts of a cluster back to what they were. What is stored in the cluster is lost.",
  examples: ["sealos reset", "sealos reset --cluster staging --force"],
  flags: {
    ...CLUSTER_FLAG,
    force: { type: "boolean", short: "f", help: "Do not ask" },
  },
  output: "events",
  async run(ctx, { flags, environment }) {
    const { ask } = environment;
    if (!flags.force && !ask) {
      throw new UsageError("Cannot ask whether to reset: there is no terminal", { hint: "Add --force" });
    }
    if (!flags.force && ask) {
      const question = `Everything in cluster "${flags.cluster}" will be lost. Type its name to go on: `;
      const answer = await ask(ctx, question);
      if (answer.trim() !== flags.cluster) return { isReset: false, phases: [] };
    }
    const phases = await resetCluster(ctx, await openClusterEnvironment(ctx, environment), flags.cluster);
    return { isReset: true, phases };
  },
  render: ({ isReset }, { flags }) => (isReset ? `Cluster "${flags.cluster}" is gone` : "Nothing was changed"),
});
