import { readFileSync } from "node:fs";

/**
 * A name of this process that no other one has until the next boot: its id alone can be used again, so the time of
 * its start is part of it. Without blanks or slashes.
 */
export function ownProcess(): string {
  return identityOf(process.pid);
}

/** The same name for another process, which has to run. */
export function identityOf(pid: number): string {
  return `${pid}-${startTimeOf(pid)}`;
}

/** True while the process that called itself `identity` runs. */
export function isProcessAlive(identity: string): boolean {
  const [pid, startTime] = identity.split("-");
  return startTime !== undefined && startTime !== "" && startTimeOf(Number(pid)) === startTime;
}

/** Field 22 of /proc/PID/stat, in clock ticks since boot; empty when there is no such process or only its zombie. */
function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? "" : (fields[18] ?? "");
  } catch {
    return "";
  }
}
