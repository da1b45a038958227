import { join } from "node:path";

import { templatePath } from "../../actions/template-chart.ts";
import { chooseReleaseName } from "../../actions/template-release-name.ts";
import { readTemplateValues } from "../../actions/template-values.ts";
import { UsageError } from "../../base/error.ts";
import { defineCommand } from "../define-command.ts";
import { HELM_FLAGS } from "../helm-flags.ts";
import { definedVariables, VALUES_FLAGS } from "../template-flags.ts";

export const template = defineCommand({
  description:
    "Renders a Helm chart, a folder or a package, as `helm template` does: without a cluster, to standard output.\n" +
    "Or renders one template file: its data is the values, at the top level and again under .Values, and .Env.",
  examples: [
    "sealos template web ./charts/web --namespace web --set replicas=3",
    "sealos template web-1.2.0.tgz -f production.yaml --show-only templates/service.yaml",
    "sealos template etc/hosts.toml.tmpl --set registryDomain=sealos.hub",
  ],
  args: ["[name]", "chart|file"],
  flags: {
    values: { ...VALUES_FLAGS.values, short: "f" },
    set: VALUES_FLAGS.set,
    "set-string": { type: "array", value: "NAME=TEXT", help: "Set values that stay texts" },
    "set-json": { type: "array", value: "NAME=JSON", help: "Set values written as JSON, or a whole object of them" },
    "set-file": { type: "array", value: "NAME=FILE", help: "Set values to what files hold" },
    "set-literal": { type: "array", value: "NAME=TEXT", help: "Set one value to all that is behind the equals sign" },
    namespace: { type: "string", short: "n", value: "NAME", default: "default", help: "Namespace of the release" },
    "kube-version": { type: "string", value: "VERSION", help: "Version of the cluster for .Capabilities" },
    "api-versions": { type: "list", short: "a", value: "VERSION", help: "What the cluster serves besides the usual" },
    "show-only": { type: "array", short: "s", value: "PATTERN", help: "Print only what these templates give" },
    "include-crds": { type: "boolean", help: "Print the custom resource definitions, too" },
    "skip-crds": { type: "boolean", help: "Leave them out even with --include-crds" },
    "skip-tests": { type: "boolean", help: "Leave out test hooks" },
    "no-hooks": { type: "boolean", help: "Leave out all hooks" },
    "skip-schema-validation": { type: "boolean", help: "Do not check values against values.schema.json" },
    "is-upgrade": { type: "boolean", help: "Set .Release.IsUpgrade instead of .Release.IsInstall" },
    "generate-name": { type: "boolean", short: "g", help: "Name the release by the chart and the time" },
    "name-template": { type: "string", value: "TEMPLATE", help: "Name the release by a template" },
    "output-dir": { type: "string", value: "DIR", help: "Write files below the folder instead of printing" },
    "release-name": { type: "boolean", help: "With --output-dir: in a folder of the release's name" },
    ...HELM_FLAGS,
  },
  async run(ctx, { args, flags, environment }) {
    const { workingDirectory, variables } = environment.settings;
    if (flags["show-only"].includes("")) throw new UsageError("Invalid value of --show-only: it is empty");
    if (flags["output-dir"] !== undefined && flags["show-only"].length > 0) {
      throw new UsageError("Cannot show only some templates when all are written: give --show-only or --output-dir");
    }
    const chart = args["chart|file"];
    const releaseName = chooseReleaseName({
      name: args.name,
      nameTemplate: flags["name-template"],
      isGenerated: flags["generate-name"],
      chart,
      now: environment.now(),
    });
    const values = await readTemplateValues(
      ctx,
      {
        files: flags.values,
        set: flags.set,
        setString: flags["set-string"],
        setJson: flags["set-json"],
        setFile: flags["set-file"],
        setLiteral: flags["set-literal"],
      },
      { workingDirectory, stdin: environment.stdin },
    );
    return templatePath(ctx, chart, {
      workingDirectory,
      releaseName,
      namespace: flags.namespace,
      values,
      kubeVersion: flags["kube-version"],
      apiVersions: flags["api-versions"],
      isUpgrade: flags["is-upgrade"],
      skipsSchemas: flags["skip-schema-validation"],
      showOnly: flags["show-only"],
      includesCustomResources: flags["include-crds"] && !flags["skip-crds"],
      skipsTests: flags["skip-tests"],
      skipsHooks: flags["no-hooks"],
      outputFolder: flags["output-dir"] && join(flags["output-dir"], flags["release-name"] ? releaseName : ""),
      environment: definedVariables(variables),
    });
  },
  render: (text) => text,
});
