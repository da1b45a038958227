import { applyClusterfile } from "../../actions/apply-clusterfile.ts";
import { readTemplateValues } from "../../actions/template-values.ts";
import type { Context } from "../../base/context.ts";
import type { Clusterfile } from "../../cluster/cluster.ts";
import { parseClusterfile } from "../../cluster/clusterfile/parse.ts";
import { renderClusterfileTemplate } from "../../cluster/clusterfile/render-template.ts";
import { firstOwnAddress, openClusterEnvironment, readInput, readRefinements } from "../cluster-environment.ts";
import { CONVERGE_FLAGS, IMAGE_RUN_FLAGS, parseEnvironment, toDryRun } from "../cluster-flags.ts";
import { defineCommand } from "../define-command.ts";
import type { Environment } from "../environment.ts";
import { renderConverged } from "../render-cluster.ts";
import { definedVariables, VALUES_FLAGS } from "../template-flags.ts";

export const apply = defineCommand({
  description:
    "Makes a cluster what a Clusterfile says, from nothing or from what is there. The file may be a Go template.",
  examples: ["sealos apply -f Clusterfile", "sealos apply -f Clusterfile --values site.yaml --set version=v1.36.3"],
  flags: {
    Clusterfile: { type: "string", short: "f", value: "FILE", default: "Clusterfile", help: "The Clusterfile" },
    env: IMAGE_RUN_FLAGS.env,
    values: VALUES_FLAGS.values,
    set: VALUES_FLAGS.set,
    "config-file": IMAGE_RUN_FLAGS["config-file"],
    force: { type: "boolean", help: CONVERGE_FLAGS.force.help },
    "dry-run": CONVERGE_FLAGS["dry-run"],
  },
  output: "events",
  async run(ctx, { flags, environment }) {
    const env = parseEnvironment(flags.env);
    const file = await readClusterfile(ctx, flags, { environment, env });
    const refinements = await readRefinements(flags["config-file"]);
    const clusterfile = {
      ...file,
      cluster: { ...file.cluster, env: { ...file.cluster.env, ...env } },
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

interface ClusterfileFlags {
  readonly Clusterfile: string;
  readonly values: readonly string[];
  readonly set: readonly string[];
}

/** The template's `env` sees the environment of sealos, and over it that of `--env`. */
async function readClusterfile(
  ctx: Context,
  { Clusterfile: file, values: files, set }: ClusterfileFlags,
  { environment, env }: { readonly environment: Environment; readonly env: Readonly<Record<string, string>> },
): Promise<Clusterfile> {
  const { workingDirectory, variables } = environment.settings;
  const text = await readInput(file);
  const values = await readTemplateValues(ctx, { files, set }, { workingDirectory, stdin: environment.stdin });
  const rendered = renderClusterfileTemplate(text, file, {
    values,
    environment: { ...definedVariables(variables), ...env },
  });
  return parseClusterfile(rendered, rendered === text ? file : `${file} (rendered)`);
}
