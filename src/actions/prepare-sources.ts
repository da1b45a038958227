import { resolve } from "node:path";

import type { Context } from "../base/context.ts";
import { ContentCache } from "../sources/content-cache.ts";
import { FETCH_POLICY } from "../sources/fetch-file.ts";
import { fillFolder } from "../sources/fill-folder.ts";
import { planSources } from "../sources/plan-sources.ts";
import { preparePayload, type PreparedArtifact, type SourceKind } from "../sources/prepare-payload.ts";
import { reachabilityProbe } from "../sources/reachability.ts";
import type { SourceEnvironment } from "../sources/source-way.ts";
import { writeBuildArguments } from "../sources/build-arguments.ts";
import { readSources, type Sources } from "../sources/read-sources.ts";

/** What sources are prepared on and for. */
export interface SourceOptions {
  /** `sources.yaml`, or the folder that holds it. */
  readonly path: string;
  /** Override arguments of the file. */
  readonly arguments: Readonly<Record<string, string>>;
  /** Of the payload, as images name it. */
  readonly architecture: string;
  /** Of this machine. */
  readonly machineArchitecture: string;
  /** Stands in for every host: `<mirror>/HOST/PATH`; a URL or an absolute path. */
  readonly mirror?: string | undefined;
  /** Outside of the work tree: what was fetched or built is used again by every later run. */
  readonly cacheRoot: string;
}

export interface PrepareOptions extends SourceOptions {
  /** The payload's folder: empty, new, or filled before. */
  readonly into: string;
  readonly kind: SourceKind;
}

export interface PreparedSources {
  readonly directory: string;
  readonly values: Readonly<Record<string, string>>;
  readonly artifacts: readonly PreparedArtifact[];
}

/** Fetches or builds everything that a sources file names, and fills a folder with it for a build to copy from. */
export async function prepareSources(ctx: Context, options: PrepareOptions): Promise<PreparedSources> {
  const sources = await readSources(options.path);
  const plan = planSources(sources.file, options);
  const environment = sourceEnvironment(sources, options);
  const probe = reachabilityProbe(options.mirror);
  const artifacts = await preparePayload(ctx, plan, { kind: options.kind, environment, probe });
  const directory = resolve(options.into);
  const files = new Map(artifacts.flatMap((artifact) => [...artifact.files]));
  const argumentsFile = await writeBuildArguments(ctx, plan.values, environment.cache);
  await fillFolder(ctx, directory, { cache: environment.cache, files: new Map([...files, argumentsFile]) });
  return { directory, values: plan.values, artifacts };
}

export function sourceEnvironment(
  { directory, lock }: Sources,
  { architecture, machineArchitecture, mirror, cacheRoot }: SourceOptions,
): SourceEnvironment {
  const cache = new ContentCache(resolve(cacheRoot, "sources"));
  return { cache, directory, lock, architecture, machineArchitecture, mirror, fetchPolicy: FETCH_POLICY };
}
