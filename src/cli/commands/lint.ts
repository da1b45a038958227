import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

import { lint as lintFile } from "../../actions/lint-kubefile.ts";
import { locateKubefile } from "../../actions/locate-kubefile.ts";
import { systemCode } from "../../base/error.ts";
import { defineCommand } from "../define-command.ts";
import { parseNameValues } from "../name-value.ts";
import { renderFindings } from "../render-findings.ts";
import { renderSarif } from "../render-sarif.ts";

export const lint = defineCommand({
  description: [
    "Checks a Kubefile and its build context: all errors at once, and what could be built but is probably not meant.",
    "Nothing is fetched or built. Ends with 1 when there is an error. A line `# check=skip=RULE;error=true` at the top of",
    "the file leaves rules out and makes warnings errors.",
  ].join("\n"),
  examples: ["sealos lint", "sealos lint kubefiles/web", "sealos lint -f web.Kubefile --format sarif . > lint.sarif"],
  args: ["[path]"],
  flags: {
    file: { type: "string", short: "f", value: "FILE", help: "Kubefile, from the current folder or the context" },
    format: {
      type: "string",
      value: "FORMAT",
      choices: ["text", "json", "sarif"],
      default: "text",
      help: "How to print what was found",
    },
    strict: { type: "boolean", help: "Take warnings for errors" },
    "build-arg": { type: "array", value: "NAME=VALUE", help: "Value of an ARG" },
    ignorefile: { type: "string", value: "FILE", help: "File with patterns of what not to copy" },
  },
  async run(ctx, { args, flags, environment: { settings, version } }) {
    const { workingDirectory, variables, platform } = settings;
    const path = resolve(workingDirectory, args.path ?? ".");
    const isFile = await isPlainFile(path);
    const contextDirectory = isFile ? dirname(path) : path;
    const file = flags.file ?? (isFile ? args.path : undefined);
    const result = await lintFile(ctx, {
      kubefile: await locateKubefile(contextDirectory, { file, workingDirectory }),
      contextDirectory,
      ignoreFile: flags.ignorefile === undefined ? undefined : resolve(workingDirectory, flags.ignorefile),
      buildArguments: parseNameValues("build-arg", flags["build-arg"], variables),
      platform,
      isStrict: flags.strict,
    });
    return { ...result, version };
  },
  render(result, { flags }) {
    if (flags.format === "sarif") return renderSarif(result.diagnostics, result.version);
    if (flags.format === "text") return renderFindings(result);
    const { diagnostics, errors, warnings } = result;
    return JSON.stringify({ diagnostics, errors, warnings }, undefined, 2);
  },
  notes: ({ notes }) => notes.map((note) => `Note: ${note}`),
  exitCode: ({ errors }) => (errors > 0 ? 1 : 0),
});

async function isPlainFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}
