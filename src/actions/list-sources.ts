import { planSources } from "../sources/plan-sources.ts";
import { readSources } from "../sources/read-sources.ts";
import type { SourcesLock } from "../sources/lock.ts";
import type { Artifact } from "../sources/sources-file.ts";
import type { WayKind } from "../sources/source-way.ts";
import type { SourceOptions } from "./prepare-sources.ts";

/** One place that a part of a payload can come from. */
export interface ListedSource {
  readonly artifact: string;
  readonly kind: WayKind;
  readonly source: string;
  /** Its content cannot change unnoticed. */
  readonly isLocked: boolean;
}

/** Everything that a sources file names for one version and architecture. Fetches nothing. */
export async function listSources(
  options: Pick<SourceOptions, "path" | "arguments" | "architecture">,
): Promise<readonly ListedSource[]> {
  const { file, lock } = await readSources(options.path);
  return planSources(file, options).artifacts.flatMap((artifact) =>
    sourcesOf(artifact, lock).map((source) => ({ artifact: artifact.name, ...source })),
  );
}

function sourcesOf(
  { release, module, compile, machine, text }: Artifact,
  lock: SourcesLock,
): Omit<ListedSource, "artifact">[] {
  return [
    ...listed("release", release?.map(({ url }) => url) ?? [], (url) => lock.releases[url] !== undefined),
    ...listed("module", module?.require ?? [], () => lock.modules[module?.directory ?? ""] !== undefined),
    ...listed("compile", compile ? [compile.source] : [], () => true),
    ...listed("machine", machine?.packages ?? [], () => false),
    ...listed("text", Object.keys(text ?? {}), () => true),
  ];
}

function listed(kind: WayKind, sources: readonly string[], isLocked: (source: string) => boolean) {
  return sources.map((source) => ({ kind, source, isLocked: isLocked(source) }));
}
