import { resolve } from "node:path";

import { buildImage, type BuildRequest } from "../../actions/build-image.ts";
import { locateKubefile, type KubefileSource } from "../../actions/locate-kubefile.ts";
import type { PullPolicy } from "../../actions/pull-image.ts";
import { writeFileAtomic } from "../../base/atomic-file.ts";
import { collect } from "../../base/bytes.ts";
import { UsageError } from "../../base/error.ts";
import { hexOf } from "../../oci/digest.ts";
import { parsePlatform } from "../../oci/platform.ts";
import { BUILD_FLAGS } from "../build-flags.ts";
import { defineCommand } from "../define-command.ts";
import type { Environment } from "../environment.ts";
import type { FlagValues } from "../flag.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { parseNameValues } from "../name-value.ts";

const POLICIES: Readonly<Record<FlagValues<typeof BUILD_FLAGS>["pull"], PullPolicy>> = {
  true: "newer",
  newer: "newer",
  ifnewer: "newer",
  false: "missing",
  missing: "missing",
  always: "always",
  never: "never",
};

const KUBEFILE_LIMIT_BYTES = 16 * 1024 * 1024;

export const build = defineCommand({
  description: [
    "Builds an image from a Kubefile (or Sealfile, Dockerfile, Containerfile) and a folder of files, the context. The",
    "container images that files below images/shim name are put into the image, below registry/, so that a cluster",
    "needs no other registry. The same input gives the same image, byte for byte. Nothing but the image ID is printed",
    "to stdout.",
  ].join("\n"),
  examples: [
    "sealos build -t localhost/web:v1 .",
    "sealos build -f kubefiles/web/Kubefile -t web:v1 --build-arg VERSION=1 kubefiles/web",
    "sealos build -t kubernetes:v1.36.3 --build-context payload=/var/cache/payload images/kubernetes",
  ],
  args: ["[context]"],
  flags: BUILD_FLAGS,
  async run(ctx, { args, flags, environment }) {
    const request = await toRequest(args.context ?? ".", flags, environment);
    const result = await buildImage(ctx, await openImageEnvironment(ctx, environment, flags), request);
    const { workingDirectory } = environment.settings;
    if (flags.iidfile !== undefined) await writeFileAtomic(resolve(workingDirectory, flags.iidfile), result.id);
    return result;
  },
  render: ({ id }) => hexOf(id),
  notes: ({ notes }) => notes.map((note) => `Note: ${note}`),
});

async function toRequest(
  context: string,
  flags: FlagValues<typeof BUILD_FLAGS>,
  environment: Environment,
): Promise<BuildRequest> {
  if (/^(?:https?|git|ssh):\/\/|^git@/.test(context)) {
    throw new UsageError(`Cannot build from "${context}": only folders are supported as context`, {
      hint: "Download or clone it first",
    });
  }
  const { settings } = environment;
  const { variables, workingDirectory } = settings;
  const contextDirectory = resolve(workingDirectory, context);
  const folders = Object.entries(parseNameValues("build-context", flags["build-context"]));
  return {
    kubefile: await readKubefile(contextDirectory, flags.file, environment),
    contextDirectory,
    buildContexts: Object.fromEntries(folders.map(([name, folder]) => [name, resolve(workingDirectory, folder)])),
    ignoreFile: flags.ignorefile === undefined ? undefined : resolve(workingDirectory, flags.ignorefile),
    tags: flags.tag,
    target: flags.target,
    platform: flags.platform === undefined ? undefined : parsePlatform(flags.platform),
    buildArguments: parseNameValues("build-arg", flags["build-arg"], variables),
    labels: parseNameValues("label", flags.label),
    environment: parseNameValues("env", flags.env, variables),
    annotations: parseNameValues("annotation", flags.annotation),
    epoch: flags.timestamp ?? settings.sourceDateEpoch,
    compression: flags.compression ?? (flags["disable-compression"] ? "none" : "gzip"),
    savesImages: flags["save-image"],
    policy: POLICIES[flags.pull],
  };
}

async function readKubefile(
  contextDirectory: string,
  files: readonly string[],
  { settings, stdin }: Environment,
): Promise<KubefileSource> {
  const [file, ...more] = files;
  if (more.length > 0) throw new UsageError("Cannot build from several Kubefiles at once: give one --file");
  if (file !== "-") return locateKubefile(contextDirectory, { file, workingDirectory: settings.workingDirectory });
  const content = await collect(stdin(), KUBEFILE_LIMIT_BYTES);
  return { name: "standard input", text: content.toString("utf8"), path: undefined };
}
