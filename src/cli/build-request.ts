import { resolve } from "node:path";

import type { BuildCacheOptions } from "../actions/build-cache.ts";
import type { BuildRequest } from "../actions/build-image.ts";
import type { PullPolicy } from "../actions/pull-image.ts";
import type { Context } from "../base/context.ts";
import { UsageError } from "../base/error.ts";
import type { BUILD_FLAGS } from "./build-flags.ts";
import { parseCacheLocation, parseOutput } from "./build-places.ts";
import { toPlatforms } from "./build-platforms.ts";
import { openSources, readArgumentFiles } from "./build-sources.ts";
import { toRunSettings } from "./build-run-settings.ts";
import { parseDuration } from "./duration.ts";
import type { Environment } from "./environment.ts";
import type { FlagValues } from "./flag.ts";
import { parseNameValues } from "./name-value.ts";

type BuildFlags = FlagValues<typeof BUILD_FLAGS>;

const POLICIES: Readonly<Record<BuildFlags["pull"], PullPolicy>> = {
  true: "newer",
  newer: "newer",
  ifnewer: "newer",
  false: "missing",
  missing: "missing",
  always: "always",
  never: "never",
};

/** What a command line of `sealos build` asks for. @throws {UsageError} */
export async function toBuildRequest(
  ctx: Context,
  context: string,
  flags: BuildFlags,
  environment: Environment,
): Promise<BuildRequest> {
  refuseContradictions(flags);
  const { settings } = environment;
  const { variables, workingDirectory } = settings;
  const isOffline = settings.isOffline || flags.offline;
  const sources = { context, files: flags.file, contexts: flags["build-context"], isOffline };
  return {
    ...(await openSources(ctx, sources, environment)),
    ignoreFile: flags.ignorefile === undefined ? undefined : resolve(workingDirectory, flags.ignorefile),
    tags: flags.tag,
    buildArguments: {
      ...(await readArgumentFiles(flags["build-arg-file"], environment)),
      ...parseNameValues("build-arg", flags["build-arg"], variables),
    },
    environment: parseNameValues("env", flags.env, variables),
    annotations: parseNameValues("annotation", flags.annotation),
    epoch: flags.timestamp ?? settings.sourceDateEpoch,
    savesImages: flags["save-image"],
    savesAllPlatforms: flags.all,
    pullsAtOnce: flags["max-pull-procs"],
    policy: toPolicy(flags),
    list: flags.manifest,
    jobs: flags.jobs === undefined ? undefined : toJobs(flags.jobs),
    outputs: flags.output.map((text) => parseOutput(text, workingDirectory)),
    cache: toCache(flags, environment),
    commands: toRunSettings(flags, { ...settings, isOffline }),
    ...toImageOptions(flags, environment),
  };
}

function toImageOptions(flags: BuildFlags, { version, settings }: Environment) {
  const identity = flags["identity-label"] ? { "sealos.io.build.version": version } : {};
  return {
    target: flags.target,
    platforms: toPlatforms(flags, settings.platform),
    labels: { ...identity, ...parseNameValues("label", flags.label) },
    compression: flags.compression ?? (flags["disable-compression"] ? "none" : "gzip"),
    unsetEnvironment: flags.unsetenv,
    format: flags.format,
    squash: flags.squash,
    omitHistory: flags["omit-history"],
    osVersion: flags["os-version"],
    osFeatures: flags["os-feature"],
    baseImage: flags.from,
    keepsUnusedStages: !flags["skip-unused-stages"],
  } as const;
}

function refuseContradictions({ format, annotation, compression, output }: BuildFlags): void {
  if (format === "docker" && annotation.length > 0) {
    throw new UsageError("Cannot give --annotation with --format docker: its manifests have no annotations", {
      hint: "Use --label, or --format oci",
    });
  }
  if (format === "docker" && compression === "zstd") {
    throw new UsageError("Cannot give --compression zstd with --format docker: it has no such layers", {
      hint: "Use --compression gzip, or --format oci",
    });
  }
  if (output.filter((text) => /^-$|(^|,)dest=-(,|$)/.test(text)).length > 1) {
    throw new UsageError("Cannot write two outputs to stdout");
  }
}

function toPolicy(flags: BuildFlags): PullPolicy {
  if (flags["pull-always"] && flags["pull-never"]) throw new UsageError("Give only one of --pull-always, --pull-never");
  if (flags["pull-always"]) return "always";
  return flags["pull-never"] ? "never" : POLICIES[flags.pull];
}

/** 0 is no limit, as with other builders. */
function toJobs(count: number): number {
  if (count < 0) throw new UsageError(`Invalid value "${count}" of --jobs: expected a number from 0`);
  return count === 0 ? Number.MAX_SAFE_INTEGER : count;
}

function toCache(flags: BuildFlags, { now, settings }: Environment): BuildCacheOptions {
  const ttl = flags["cache-ttl"];
  const locationsOf = (flag: "cache-from" | "cache-to") =>
    flags[flag].map((text) => parseCacheLocation(flag, text, settings.workingDirectory));
  return {
    now: () => now().getTime(),
    reads: !flags["no-cache"],
    verifies: flags["verify-cache"],
    maxAgeMs: ttl === undefined ? undefined : parseDuration("cache-ttl", ttl),
    from: locationsOf("cache-from"),
    to: locationsOf("cache-to"),
  };
}
