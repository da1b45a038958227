import { createHash } from "node:crypto";
import { access } from "node:fs/promises";
import { join } from "node:path";

import { runTask, type Context } from "../base/context.ts";
import { systemCode } from "../base/error.ts";
import { FetchError } from "./errors.ts";
import { hasFlags, programsKey, type LockedModule, type SourcesLock } from "./lock.ts";
import { makeModule } from "./make-module.ts";
import { findGoVersion, moduleWay, readModuleFiles } from "./module-way.ts";
import type { SourcePlan } from "./plan-sources.ts";
import { publishedChecksum } from "./release-way.ts";
import type { SourceEnvironment } from "./source-way.ts";
import type { ModuleSource, ReleaseSource } from "./sources-file.ts";

/** A lock with what one plan needs, and what could not be locked. */
export interface LockedPlan {
  readonly lock: SourcesLock;
  /** Releases whose publisher cannot be reached now; what the lock had for them is kept. */
  readonly unreachable: readonly string[];
}

/**
 * Locks what a plan needs: published hashes of releases, go.mod and go.sum of modules (made where they are missing), and
 * the hashes of programs that this machine has built from them.
 */
export async function lockPlan(ctx: Context, plan: SourcePlan, environment: SourceEnvironment): Promise<LockedPlan> {
  let { releases, modules } = environment.lock;
  const unreachable: string[] = [];
  for (const { name, release, module } of plan.artifacts) {
    await runTask(ctx, `${name} ${environment.architecture}`, async (task) => {
      for (const source of release ?? []) {
        const sha256 = await findPublished(task, source, environment);
        if (sha256 === undefined) unreachable.push(source.url);
        else releases = { ...releases, [source.url]: sha256 };
      }
      if (!module) return;
      modules = { ...modules, [module.directory]: await lockModule(task, module, { modules, environment }) };
    });
  }
  return { lock: { lockVersion: 1, releases, modules }, unreachable };
}

async function findPublished(
  ctx: Context,
  source: ReleaseSource,
  environment: SourceEnvironment,
): Promise<string | undefined> {
  if (source.checksum === undefined) return environment.lock.releases[source.url];
  try {
    return await publishedChecksum(ctx, source, environment);
  } catch (error) {
    if (error instanceof FetchError && error.isTransient) return undefined;
    throw error;
  }
}

async function lockModule(
  ctx: Context,
  module: ModuleSource,
  { modules, environment }: { modules: SourcesLock["modules"]; environment: SourceEnvironment },
): Promise<LockedModule> {
  const directory = join(environment.directory, module.directory);
  if (!(await exists(join(directory, "go.mod")))) await makeModule(ctx, module, directory);
  const { goMod, goSum } = await readModuleFiles(directory);
  const hashes = { goMod: sha256Of(goMod), goSum: sha256Of(goSum) };
  const before = modules[module.directory];
  const isSame = before?.goMod === hashes.goMod && before.goSum === hashes.goSum && hasFlags(before, module.flags);
  const built = module.cgo ? {} : await builtPrograms(ctx, module, environment);
  const key = programsKey(environment.architecture, await findGoVersion(ctx));
  const programs = { ...(isSame ? before.programs : {}), ...(Object.keys(built).length > 0 ? { [key]: built } : {}) };
  return { ...hashes, flags: module.flags.join(" "), programs };
}

/** Hashes by path of the programs that are in the cache. */
async function builtPrograms(
  ctx: Context,
  module: ModuleSource,
  environment: SourceEnvironment,
): Promise<Readonly<Record<string, string>>> {
  const files = await (await moduleWay(ctx, module, environment)).find(ctx);
  return Object.fromEntries([...(files ?? [])].map(([path, { sha256 }]) => [path, sha256]));
}

function sha256Of(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}
