import { randomBytes } from "node:crypto";
import { mkdir, readFile, link, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import type { Context } from "./context.ts";
import { systemCode } from "./error.ts";
import { isProcessAlive, ownProcess } from "./process-identity.ts";
import { sleep } from "./retry.ts";

const POLL_MS = 50;

/**
 * Runs `work` while this process alone holds the lock file `path`; other processes wait. A lock whose owner has died is
 * taken over, so a killed process blocks nobody.
 */
export async function withFileLock<T>(ctx: Context, path: string, work: () => Promise<T>): Promise<T> {
  const release = await lockFile(ctx, path);
  try {
    return await work();
  } finally {
    await release();
  }
}

/** The same for work that is not one function. @returns what gives the lock back */
export async function lockFile(ctx: Context, path: string): Promise<() => Promise<void>> {
  for (;;) {
    const release = await tryLockFile(path);
    if (release) return release;
    await sleep(ctx, POLL_MS);
  }
}

/** @returns undefined when somebody else has the lock, another piece of work of this process included */
export async function tryLockFile(path: string): Promise<(() => Promise<void>) | undefined> {
  await mkdir(dirname(path), { recursive: true });
  const token = `${ownProcess()} ${randomBytes(6).toString("hex")}`;
  return (await tryAcquire(path, token)) ? () => rm(path, { force: true }) : undefined;
}

async function tryAcquire(path: string, token: string): Promise<boolean> {
  const candidate = `${path}.${token.split(" ").join("-")}`;
  await writeFile(candidate, token);
  try {
    await link(candidate, path);
    return true;
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    await removeIfStale(path, candidate);
    return false;
  } finally {
    await rm(candidate, { force: true });
  }
}

async function removeIfStale(path: string, candidate: string): Promise<void> {
  const owner = await readIfPresent(path);
  if (owner === undefined || isAlive(owner)) return;
  // Two waiters may judge the same lock stale: the rename gives it to one, who looks again at what was really taken.
  const taken = `${candidate}.stale`;
  try {
    await rename(path, taken);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return;
    throw error;
  }
  const current = await readIfPresent(taken);
  if (current !== undefined && isAlive(current)) await link(taken, path).catch(() => undefined);
  await rm(taken, { force: true });
}

function isAlive(token: string): boolean {
  return isProcessAlive(token.split(" ", 1)[0] ?? "");
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
