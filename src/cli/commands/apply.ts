import { applyClusterfile } from "../../actions/apply-clusterfile.ts";
import { parseClusterfile } from "../../cluster/clusterfile/parse.ts";
import { firstOwnAddress, openClusterEnvironment, readInput, readRefinements } from "../cluster-environment.ts";
import { CONVERGE_FLAGS, IMAGE_RUN_FLAGS, parseEnvironment, toDryRun } from "../cluster-flags.ts";
import { defineCommand } from "../define-command.ts";
import { renderConverged } from "../render-cluster.ts";

export const apply = defineCommand({
  description: "Makes a cluster what a Clusterfile says, from nothing or from what is there.",
  examples: ["sealos apply -f Clusterfile"],
  flags: {
    Clusterfile: { type: "string", short: "f", value: "FILE", default: "Clusterfile", help: "The Clusterfile" },
    env: IMAGE_RUN_FLAGS.env,
    "config-file": IMAGE_RUN_FLAGS["config-file"],
    force: { type: "boolean", help: CONVERGE_FLAGS.force.help },
    "dry-run": CONVERGE_FLAGS["dry-run"],
  },
  output: "events",
  async run(ctx, { flags, environment }) {
    const file = parseClusterfile(await readInput(flags.Clusterfile), flags.Clusterfile);
    const refinements = await readRefinements(flags["config-file"]);
    const clusterfile = {
      ...file,
      cluster: { ...file.cluster, env: { ...file.cluster.env, ...parseEnvironment(flags.env) } },
      configs: [...file.configs, ...refinements.flatMap(({ configs }) => configs)],
      runtimeDocuments: [...file.runtimeDocuments, ...refinements.flatMap(({ runtimeDocuments }) => runtimeDocuments)],
    };
    return applyClusterfile(ctx, await openClusterEnvironment(ctx, environment), {
      clusterfile,
      ownAddress: firstOwnAddress(),
      force: flags.force,
      dryRun: toDryRun(flags["dry-run"]),
    });
  },
  render: renderConverged,
});
