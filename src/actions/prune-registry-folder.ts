import { stat } from "node:fs/promises";
import { join } from "node:path";

import { runTask, type Context } from "../base/context.ts";
import { InputError } from "../base/error.ts";
import { RegistryFolder } from "../registry/storage/filesystem.ts";
import { REPOSITORIES_PATH } from "../registry/storage/layout.ts";
import { pruneFolder, type PrunedFolder, type PruneFolderOptions } from "../registry/storage/prune.ts";

/** Frees the space of what no image of a registry's folder needs. @throws {InputError} when it is no such folder. */
export async function pruneRegistryFolder(
  ctx: Context,
  folder: string,
  options: PruneFolderOptions,
): Promise<PrunedFolder> {
  if (!(await stat(join(folder, REPOSITORIES_PATH)).catch(() => undefined))) {
    throw new InputError(`Cannot prune "${folder}": it has no ${REPOSITORIES_PATH}`, {
      hint: "Name the folder that holds docker/registry/v2",
    });
  }
  return runTask(ctx, `Prune ${folder}`, (inner) => pruneFolder(inner, new RegistryFolder(folder), options));
}
