import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { writeFileAtomic } from "../../src/base/atomic-file.ts";
import { systemCode } from "../../src/base/error.ts";

/**
 * Kernel settings that hosts share with the machine. A kubelet has to set some of them, so hosts may write them; the
 * machine gets its own values back when its last lab ends.
 */
const SHARED_SETTINGS = [
  "fs/file-max",
  "fs/inotify/max_user_instances",
  "fs/inotify/max_user_watches",
  "fs/protected_fifos",
  "fs/protected_hardlinks",
  "fs/protected_regular",
  "fs/protected_symlinks",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/pid_max",
  "vm/max_map_count",
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "vm/swappiness",
];

const WATCHERS = 1024;

/** Remembers the machine's settings unless an older lab has done so. */
export async function saveSettings(folder: string): Promise<void> {
  const path = fileIn(folder);
  if ((await readIfThere(path)) !== undefined) return;
  const lines: string[] = [];
  for (const name of SHARED_SETTINGS) {
    const value = await readIfThere(`/proc/sys/${name}`);
    if (value !== undefined) lines.push(`${name}=${value.trim()}\n`);
  }
  await writeFileAtomic(path, lines.join(""));
}

/** All hosts are one user to the kernel, and each Kubernetes node watches dozens of files. */
export async function raiseSettings(): Promise<void> {
  const file = "/proc/sys/fs/inotify/max_user_instances";
  if (Number(await readFile(file, "utf8")) < WATCHERS) await writeFile(file, String(WATCHERS));
}

/** Puts back what has changed since {@link saveSettings}. */
export async function restoreSettings(folder: string): Promise<void> {
  const path = fileIn(folder);
  for (const line of ((await readIfThere(path)) ?? "").split("\n").filter(Boolean)) {
    const [name = "", value = ""] = line.split("=");
    const file = `/proc/sys/${name}`;
    if ((await readFile(file, "utf8")).trim() !== value) await writeFile(file, value);
  }
  await rm(path, { force: true });
}

function fileIn(folder: string): string {
  return join(folder, "machine-settings");
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
