import { readFile, rename } from "node:fs/promises";

import { writeFileAtomic } from "../base/atomic-file.ts";
import type { Context } from "../base/context.ts";
import { NotFoundError, systemCode } from "../base/error.ts";
import { withFileLock } from "../base/file-lock.ts";
import type { Clusterfile } from "../cluster/cluster.ts";
import { parseClusterfile } from "../cluster/clusterfile/parse.ts";
import { renderClusterfile } from "../cluster/clusterfile/render.ts";
import { operatorPaths } from "../cluster/paths.ts";

/** @returns undefined when there is no cluster of that name. */
export async function findCluster(runtimeRoot: string, name: string): Promise<Clusterfile | undefined> {
  const { clusterfile } = operatorPaths(runtimeRoot, name);
  try {
    return parseClusterfile(await readFile(clusterfile, "utf8"), clusterfile);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** @throws {NotFoundError} when there is no cluster of that name. */
export async function loadCluster(runtimeRoot: string, name: string): Promise<Clusterfile> {
  const found = await findCluster(runtimeRoot, name);
  if (found) return found;
  const { clusterfile } = operatorPaths(runtimeRoot, name);
  throw new NotFoundError("CLUSTER_NOT_FOUND", `Cannot find cluster "${name}": there is no ${clusterfile}`, {
    hint: "Name the cluster with --cluster, or make it with `sealos run`",
  });
}

/** Readable by the owner only: it holds logins. */
export async function saveCluster(runtimeRoot: string, clusterfile: Clusterfile): Promise<void> {
  const { clusterfile: path } = operatorPaths(runtimeRoot, clusterfile.cluster.name);
  await writeFileAtomic(path, renderClusterfile(clusterfile), { mode: 0o600 });
}

/** Puts the Clusterfile of a cluster that is gone aside, as `Clusterfile.SECONDS`. */
export async function retireCluster(runtimeRoot: string, name: string, now: Date): Promise<void> {
  const { clusterfile } = operatorPaths(runtimeRoot, name);
  await rename(clusterfile, `${clusterfile}.${Math.floor(now.getTime() / 1000)}`);
}

/** One command at a time changes a cluster; others wait. */
export async function withCluster<T>(
  ctx: Context,
  { runtimeRoot, name }: { runtimeRoot: string; name: string },
  work: () => Promise<T>,
): Promise<T> {
  return withFileLock(ctx, `${operatorPaths(runtimeRoot, name).directory}.lock`, work);
}
