import { withFileLock } from "../base/file-lock.ts";
import { mapLimit } from "../base/concurrency.ts";
import { runTask, type Context } from "../base/context.ts";
import { InputError } from "../base/error.ts";
import { renderSize } from "../base/text.ts";
import { FetchError } from "./errors.ts";
import { compileWay, machineWay, textWay } from "./machine-ways.ts";
import { moduleWay } from "./module-way.ts";
import type { SourcePlan } from "./plan-sources.ts";
import { releaseWay } from "./release-way.ts";
import type { ReachabilityProbe } from "./reachability.ts";
import type { PayloadFiles, SourceEnvironment, SourceWay, WayKind } from "./source-way.ts";
import type { Artifact } from "./sources-file.ts";

/** `auto`: what is cached already, else releases when they can be reached, else modules. */
export type SourceKind = "auto" | "release" | "module";

export interface PreparedArtifact {
  readonly name: string;
  readonly way: WayKind;
  readonly wasCached: boolean;
  readonly files: PayloadFiles;
}

/** Compilers use all cores by themselves; a second one fills the gaps while the first one links. */
const ARTIFACTS_AT_ONCE = 2;

/** Gets or makes everything that a plan names, into the cache. */
export async function preparePayload(
  ctx: Context,
  plan: SourcePlan,
  { kind, environment, probe }: { kind: SourceKind; environment: SourceEnvironment; probe: ReachabilityProbe },
): Promise<readonly PreparedArtifact[]> {
  return mapLimit(ctx, { items: plan.artifacts, limit: ARTIFACTS_AT_ONCE }, (inner, artifact) =>
    runTask(inner, artifact.name, async (task) => {
      const ways = await waysOf(task, artifact, { kind, environment });
      const prepared =
        (await findCached(task, ways)) ?? (await make(task, ways, { kind, artifact, environment, probe }));
      const size = [...prepared.files.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      const note = `${prepared.way}, ${renderSize(size)}`;
      if (prepared.wasCached) task.progress.mark("cached", note);
      else task.progress.note(note);
      return { name: artifact.name, ...prepared };
    }),
  );
}

type Prepared = Omit<PreparedArtifact, "name">;

/** The ways of an artifact that `kind` allows, the preferred one first. */
async function waysOf(
  ctx: Context,
  { release, module, compile, machine, text }: Artifact,
  { kind, environment }: { kind: SourceKind; environment: SourceEnvironment },
): Promise<readonly SourceWay[]> {
  const released = release ? [releaseWay(release, environment)] : [];
  const made = [
    ...(module ? [await moduleWay(ctx, module, environment)] : []),
    ...(compile ? [await compileWay(compile, environment)] : []),
    ...(machine ? [machineWay(machine, environment)] : []),
    ...(text ? [textWay(text, environment)] : []),
  ];
  if (kind === "auto") return [...released, ...made];
  const [preferred, other] = kind === "release" ? [released, made] : [made, released];
  return preferred.length > 0 ? preferred : other;
}

async function findCached(ctx: Context, ways: readonly SourceWay[]): Promise<Prepared | undefined> {
  for (const way of ways) {
    const files = await way.find(ctx);
    if (files) return { way: way.kind, wasCached: true, files };
  }
  return undefined;
}

interface MakeOptions {
  readonly kind: SourceKind;
  readonly artifact: Artifact;
  readonly environment: SourceEnvironment;
  readonly probe: ReachabilityProbe;
}

async function make(ctx: Context, ways: readonly SourceWay[], options: MakeOptions): Promise<Prepared> {
  const [first, second] = ways;
  if (!first) throw new InputError(`Cannot prepare "${options.artifact.name}": it has no source`);
  const url = options.artifact.release?.[0]?.url;
  const mustAsk = first.kind === "release" && second !== undefined && url !== undefined;
  const way = mustAsk && !(await options.probe(ctx, url)) ? second : first;
  try {
    return await makeOnce(ctx, way, options.environment);
  } catch (error) {
    // The host answers, but does not have the file: with `auto` that is no reason to fail.
    if (!(error instanceof FetchError) || way !== first || !mustAsk) throw error;
    ctx.progress.output(error.message);
    return makeOnce(ctx, second, options.environment);
  }
}

async function makeOnce(ctx: Context, way: SourceWay, { cache }: SourceEnvironment): Promise<Prepared> {
  return withFileLock(ctx, cache.lockPath(way.key), async () => {
    const found = await way.find(ctx); // another process may have made it while this one waited
    return { way: way.kind, wasCached: found !== undefined, files: found ?? (await way.make(ctx)) };
  });
}
