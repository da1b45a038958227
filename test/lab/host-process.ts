import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Context } from "../../src/base/context.ts";
import { KnownError } from "../../src/base/error.ts";
import { identityOf, isProcessAlive } from "../../src/base/process-identity.ts";
import { sleep } from "../../src/base/retry.ts";
import { RECIPE } from "./base-tree.ts";
import { processesIn, readHierarchies, removeCgroup } from "./cgroups.ts";
import { networkOf, type HostNames } from "./names.ts";
import { removeLink } from "./network.ts";
import { WITH_PRIVATE_MOUNTS } from "./private-mounts.ts";
import { readProcess, writeProcess, type LabRecord } from "./record.ts";

/** A host of a lab, as its parts on this machine. */
export interface HostPlace {
  readonly lab: LabRecord;
  readonly names: HostNames;
  /** The host's disk: what differs from the base tree, and the data of its services. */
  readonly disk: string;
}

/** Starts the host's systemd and leaves it running when this process ends. It answers somewhat later. */
export async function boot({ lab, names, disk }: HostPlace): Promise<void> {
  const { bridge } = networkOf(lab.index);
  const words = [lab.baseTree, disk, names.name, names.machine, bridge, names.cgroup, ...(await readHierarchies())];
  const script = join(RECIPE, "boot-host.sh");
  const log = await open(join(disk, "console.log"), "a");
  try {
    const [program, ...options] = WITH_PRIVATE_MOUNTS;
    const child = spawn(program, [...options, "sh", script, ...words], {
      stdio: ["ignore", log.fd, log.fd],
      detached: true,
    });
    await once(child, "spawn");
    child.unref();
    // `exec` keeps id and start time through all programs that the child becomes.
    if (child.pid !== undefined) await writeProcess(disk, identityOf(child.pid));
  } finally {
    await log.close();
  }
}

export async function isRunning({ disk }: HostPlace): Promise<boolean> {
  const identity = await readProcess(disk);
  return identity !== undefined && isProcessAlive(identity);
}

/** What a power cut does: every process of the host ends at once. Its disk stays. */
export async function killHost(ctx: Context, place: HostPlace): Promise<void> {
  const hierarchies = await readHierarchies();
  const identity = await readProcess(place.disk);
  for (;;) {
    const own = identity !== undefined && isProcessAlive(identity) ? [Number.parseInt(identity, 10)] : [];
    const processes = [...own, ...(await processesIn(hierarchies, place.names.cgroup))];
    if (processes.length === 0) break;
    for (const pid of processes) sendKill(pid);
    await sleep(ctx, 20);
  }
  await removeCgroup(hierarchies, place.names.cgroup);
  await removeLink(ctx, place.names.port);
}

function sendKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

/** The host's first process, as this machine sees it. @throws {KnownError} LAB_HOST_DOWN */
export async function readLeader({ names, disk }: HostPlace): Promise<number> {
  const pid = Number.parseInt((await readProcess(disk)) ?? "", 10);
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  for (const child of children.trim().split(" ").filter(Boolean)) {
    const status = await readFile(`/proc/${child}/status`, "utf8").catch(() => "");
    if (/^NSpid:\t\d+\t1$/m.test(status)) return Number(child);
  }
  throw new KnownError("LAB_HOST_DOWN", `Cannot run a command on "${names.name}": the host is not running`, {
    hint: "Revive it first",
  });
}

/** The end of what the host wrote to its console. */
export async function readConsole({ disk }: HostPlace): Promise<string> {
  const text = await readFile(join(disk, "console.log"), "utf8").catch(() => "");
  return text.slice(-2000).trim();
}
