import { listSources } from "../../actions/list-sources.ts";
import { lockSources } from "../../actions/lock-sources.ts";
import { prepareSources } from "../../actions/prepare-sources.ts";
import { UsageError } from "../../base/error.ts";
import { renderSize, renderTable } from "../../base/text.ts";
import { defineCommand } from "../define-command.ts";
import type { Environment } from "../environment.ts";

const SELECTION_FLAGS = {
  arg: { type: "array", value: "NAME=VALUE", help: "Override an argument of the sources, such as version=v1.36.3" },
  arch: { type: "string", value: "ARCH", help: "Architecture of the payload; default: that of this machine" },
} as const;

const MIRROR_FLAG = {
  mirror: { type: "string", value: "BASE", help: "Fetch https://HOST/PATH from BASE/HOST/PATH; a URL or a folder" },
} as const;

export const prepare = defineCommand({
  description:
    "Fetches or builds what a sources.yaml names and fills a folder with it, for `sealos build --build-context`. " +
    "What was fetched or built before is taken from the cache.",
  examples: ["sealos sources prepare images/kubernetes --into /tmp/payload --arg version=v1.36.3"],
  args: ["path"],
  flags: {
    into: { type: "string", value: "DIR", help: "Folder to fill (required)" },
    kind: {
      type: "string",
      value: "KIND",
      choices: ["auto", "release", "module"],
      default: "auto",
      help: "Take published releases, build Go modules, or releases where they can be reached",
    },
    ...SELECTION_FLAGS,
    ...MIRROR_FLAG,
  },
  output: "json",
  async run(ctx, { args, flags, environment }) {
    if (flags.into === undefined) throw new UsageError("Cannot prepare sources: --into names no folder");
    const { directory, values, artifacts } = await prepareSources(ctx, {
      ...selectionOf(args.path, flags, environment),
      ...machineOf(environment),
      into: flags.into,
      kind: flags.kind,
      mirror: flags.mirror,
    });
    const sizeOf = (files: (typeof artifacts)[number]["files"]): number =>
      [...files.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return {
      directory,
      arguments: values,
      artifacts: artifacts.map(({ name, way, wasCached, files }) => ({
        name,
        way,
        wasCached,
        sizeBytes: sizeOf(files),
      })),
    };
  },
  render: ({ directory, artifacts }) => {
    const size = artifacts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return `${directory}: ${artifacts.length} artifacts, ${renderSize(size)}`;
  },
});

export const list = defineCommand({
  description: "Lists where everything of a sources.yaml comes from, and whether the lock holds its hash.",
  examples: ["sealos sources list images/kubernetes"],
  args: ["path"],
  flags: SELECTION_FLAGS,
  output: "json",
  run: (_, { args, flags, environment }) => listSources(selectionOf(args.path, flags, environment)),
  render: (sources) =>
    renderTable([
      ["ARTIFACT", "KIND", "LOCKED", "SOURCE"],
      ...sources.map(({ artifact, kind, isLocked, source }) => [artifact, kind, isLocked ? "yes" : "no", source]),
    ]),
});

export const lock = defineCommand({
  description:
    "Writes sources.lock: the published hashes of releases, go.mod and go.sum of modules, and the hashes of programs " +
    "that were built here. For all versions of the file.",
  examples: ["sealos sources lock images/kubernetes"],
  args: ["path"],
  flags: {
    arch: { type: "list", value: "ARCH", help: "Architectures; default: amd64,arm64" },
    ...MIRROR_FLAG,
  },
  output: "json",
  run: (ctx, { args, flags, environment }) =>
    lockSources(ctx, {
      path: args.path,
      architectures: flags.arch.length > 0 ? flags.arch : ["amd64", "arm64"],
      mirror: flags.mirror,
      ...machineOf(environment),
    }),
  render: ({ path, releases, modules, unreachable }) =>
    [
      `${path}: ${releases} releases, ${modules} modules`,
      ...unreachable.map((url) => `not locked, its publisher cannot be reached: ${url}`),
    ].join("\n"),
});

function selectionOf(
  path: string,
  flags: { readonly arg: readonly string[]; readonly arch: string | undefined },
  { settings }: Environment,
) {
  const given = flags.arg.map((text) => {
    const [name = "", ...value] = text.split("=");
    if (name === "" || value.length === 0) throw new UsageError(`Cannot use argument "${text}": expected NAME=VALUE`);
    return [name, value.join("=")] as const;
  });
  return { path, arguments: Object.fromEntries(given), architecture: flags.arch ?? settings.platform.architecture };
}

function machineOf({ settings }: Environment) {
  return { cacheRoot: settings.cacheRoot, machineArchitecture: settings.platform.architecture };
}
