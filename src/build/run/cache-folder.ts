import { createHash } from "node:crypto";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { lockFile, tryLockFile } from "../../base/file-lock.ts";
import type { Context } from "../../base/context.ts";
import { COMMAND_CACHE_FOLDER } from "../../store/layout.ts";
import type { CacheMount } from "./run-mount.ts";
import type { UserNamespace } from "./user-namespace.ts";

export interface CacheFolder {
  readonly path: string;
  readonly isNew: boolean;
}

/** A folder that commands of one builder share by its name, as far as their mounts want to. */
export async function openCacheFolder(
  ctx: Context,
  { id, sharing }: Pick<CacheMount, "id" | "sharing">,
  { storeRoot, namespace, locks }: { storeRoot: string; namespace: UserNamespace; locks: AsyncDisposableStack },
): Promise<CacheFolder> {
  const name = createHash("sha256").update(id).digest("hex");
  const base = join(storeRoot, COMMAND_CACHE_FOLDER, namespace.kind, name);
  if (sharing === "locked") locks.defer(await lockFile(ctx, `${base}.lock`));
  return makeFolder(sharing === "private" ? await findPrivate(base, locks) : base);
}

/** The first one that nobody uses at this moment. */
async function findPrivate(base: string, locks: AsyncDisposableStack): Promise<string> {
  for (let number = 0; ; number++) {
    const path = number === 0 ? base : `${base}.${number}`;
    const release = await tryLockFile(`${path}.lock`);
    if (!release) continue;
    locks.defer(release);
    return path;
  }
}

async function makeFolder(path: string): Promise<CacheFolder> {
  const isThere = (await stat(path).catch(() => undefined)) !== undefined;
  await mkdir(path, { recursive: true });
  return { path, isNew: !isThere };
}
