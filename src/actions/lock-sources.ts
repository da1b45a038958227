import { writeFileAtomic } from "../base/atomic-file.ts";
import type { Context } from "../base/context.ts";
import { lockPlan } from "../sources/lock-sources.ts";
import { renderLock } from "../sources/lock.ts";
import { planSources } from "../sources/plan-sources.ts";
import { readSources } from "../sources/read-sources.ts";
import { sourceEnvironment, type SourceOptions } from "./prepare-sources.ts";

export type LockOptions = Omit<SourceOptions, "architecture" | "arguments"> & {
  /** What the lock is to be good for. */
  readonly architectures: readonly string[];
};

export interface LockedSources {
  readonly path: string;
  readonly releases: number;
  readonly modules: number;
  /** Releases whose publisher cannot be reached now; what the lock had for them is kept. */
  readonly unreachable: readonly string[];
}

/** Writes the lock of a sources file for all its versions and the given architectures. */
export async function lockSources(ctx: Context, options: LockOptions): Promise<LockedSources> {
  const sources = await readSources(options.path);
  let { lock } = sources;
  const unreachable = new Set<string>();
  for (const architecture of options.architectures) {
    for (const version of Object.keys(sources.file.versions ?? { "": {} })) {
      const given = { ...options, architecture, arguments: version === "" ? {} : { version } };
      const environment = sourceEnvironment({ ...sources, lock }, given);
      const result = await lockPlan(ctx, planSources(sources.file, given), environment);
      lock = result.lock;
      for (const url of result.unreachable) unreachable.add(url);
    }
  }
  await writeFileAtomic(sources.lockPath, renderLock(lock));
  return {
    path: sources.lockPath,
    releases: Object.keys(lock.releases).length,
    modules: Object.keys(lock.modules).length,
    unreachable: [...unreachable].toSorted(),
  };
}
