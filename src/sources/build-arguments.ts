import { writeFile } from "node:fs/promises";

import type { Context } from "../base/context.ts";
import type { CachedFile, ContentCache } from "./content-cache.ts";

/** File of a payload with a line `NAME=VALUE` for each argument: `--build-arg` of the build that copies from it. */
export const BUILD_ARGUMENTS_FILE = "build-arguments";

export async function writeBuildArguments(
  ctx: Context,
  values: Readonly<Record<string, string>>,
  cache: ContentCache,
): Promise<readonly [string, CachedFile]> {
  const temporary = await cache.temporary();
  await writeFile(temporary, renderBuildArguments(values));
  return [BUILD_ARGUMENTS_FILE, await cache.adopt(ctx, temporary, false)];
}

export function renderBuildArguments(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}
