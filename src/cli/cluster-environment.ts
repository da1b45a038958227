import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";

import type { ClusterEnvironment } from "../actions/cluster-environment.ts";
import type { Context } from "../base/context.ts";
import { InputError, messageOf } from "../base/error.ts";
import type { Clusterfile } from "../cluster/cluster.ts";
import { parseRefinements } from "../cluster/clusterfile/parse.ts";
import type { RunRequest } from "../cluster/run-request.ts";
import {
  parseEnvironment,
  toSshSettings,
  type CLUSTER_FLAG,
  type HOST_FLAGS,
  type IMAGE_RUN_FLAGS,
  type SSH_FLAGS,
} from "./cluster-flags.ts";
import type { Environment } from "./environment.ts";
import type { FlagValues } from "./flag.ts";
import { openImageEnvironment } from "./image-environment.ts";

/** The operator's machine, as the cluster actions see it. */
export async function openClusterEnvironment(ctx: Context, environment: Environment): Promise<ClusterEnvironment> {
  const { settings, version, now } = environment;
  const { runtimeRoot, dataRoot, userId } = settings;
  const images = await openImageEnvironment(ctx, environment);
  return { ...images, runtimeRoot, dataRoot, userId, version, now };
}

/** The documents of `--config-file`. @throws {InputError} when a file cannot be read. */
export async function readRefinements(
  files: readonly string[],
): Promise<Pick<Clusterfile, "configs" | "runtimeDocuments">[]> {
  return Promise.all(files.map(async (file) => parseRefinements(await readInput(file), file)));
}

/** @throws {InputError} naming the file. */
export async function readInput(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new InputError(`Cannot read "${file}": ${messageOf(error)}`, { cause: error });
  }
}

type RequestFlags = FlagValues<
  typeof HOST_FLAGS & typeof CLUSTER_FLAG & typeof SSH_FLAGS & Pick<typeof IMAGE_RUN_FLAGS, "env" | "cmd">
>;

/** What `run` and `gen` are asked for by the flags that they share. */
export function toRunRequest(images: readonly string[], flags: RequestFlags, { settings }: Environment): RunRequest {
  return {
    cluster: flags.cluster,
    images,
    masters: flags.masters,
    nodes: flags.nodes,
    ssh: toSshSettings(flags, settings.home),
    env: parseEnvironment(flags.env),
    command: flags.cmd.length > 0 ? flags.cmd : undefined,
    refinements: [],
    ownAddress: firstOwnAddress(),
  };
}

/** The only host of a new cluster for which none is named. */
export function firstOwnAddress(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
}
