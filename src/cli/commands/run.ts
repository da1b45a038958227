import { runCluster } from "../../actions/run-cluster.ts";
import { CLUSTER_FLAG, CONVERGE_FLAGS, HOST_FLAGS, IMAGE_RUN_FLAGS, SSH_FLAGS, toDryRun } from "../cluster-flags.ts";
import { openClusterEnvironment, readRefinements, toRunRequest } from "../cluster-environment.ts";
import { defineCommand } from "../define-command.ts";
import { renderConverged } from "../render-cluster.ts";

export const run = defineCommand({
  description: [
    "Makes a cluster out of images and hosts, or adds images and hosts to one that is there. Nothing is changed before",
    "every host and image has been checked. After a failure or an interruption the same command goes on where it",
    "stopped; what is finished is not repeated.",
  ].join("\n"),
  examples: [
    "sealos run kubernetes:v1.36.3 flannel:v0.26.7 --masters 10.0.0.1 --nodes 10.0.0.2,10.0.0.3 --passwd secret",
    "sealos run web:v1 -e REPLICAS=3",
  ],
  args: ["[image...]"],
  flags: {
    ...HOST_FLAGS,
    ...CLUSTER_FLAG,
    ...SSH_FLAGS,
    ...IMAGE_RUN_FLAGS,
    ...CONVERGE_FLAGS,
    single: { type: "boolean", hidden: true, ignored: true, help: "Deprecated" },
    transport: { type: "string", short: "t", hidden: true, ignored: true, help: "The format of archives is found out" },
  },
  output: "events",
  async run(ctx, { args, flags, environment }) {
    return runCluster(ctx, await openClusterEnvironment(ctx, environment), {
      request: {
        ...toRunRequest(args.image, flags, environment),
        refinements: await readRefinements(flags["config-file"]),
      },
      force: flags.force,
      dryRun: toDryRun(flags["dry-run"]),
    });
  },
  render: renderConverged,
});
