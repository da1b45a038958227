import { randomBytes } from "node:crypto";
import { mkdir, readFile, link, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import type { Context } from "./context.ts";
import { systemCode } from "./error.ts";
import { sleep } from "./retry.ts";

const POLL_MS = 50;

/**
 * Runs `work` while this process alone holds the lock file `path`; other processes wait. A lock whose owner has died is
 * taken over, so a killed process blocks nobody.
 */
export async function withFileLock<T>(ctx: Context, path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const token = await ownToken();
  while (!(await tryAcquire(path, token))) await sleep(ctx, POLL_MS);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** A process id alone can be reused: its time of start makes it unique until the next boot. */
async function ownToken(): Promise<string> {
  return `${process.pid} ${await startTimeOf(process.pid)} ${randomBytes(6).toString("hex")}`;
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
  if (owner === undefined || (await isAlive(owner))) return;
  // Two waiters may judge the same lock stale: the rename gives it to one, who looks again at what was really taken.
  const taken = `${candidate}.stale`;
  try {
    await rename(path, taken);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return;
    throw error;
  }
  const current = await readIfPresent(taken);
  if (current !== undefined && (await isAlive(current))) await link(taken, path).catch(() => undefined);
  await rm(taken, { force: true });
}

async function isAlive(token: string): Promise<boolean> {
  const [pid, startTime] = token.split(" ");
  return (await startTimeOf(Number(pid))) === startTime;
}

/** Field 22 of /proc/PID/stat, in clock ticks since boot; empty when there is no such process. */
async function startTimeOf(pid: number): Promise<string> {
  const stat = await readIfPresent(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ESRCH") return undefined;
    throw error;
  }
}
