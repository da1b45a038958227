import { readdir, readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";

import { systemCode } from "../../src/base/error.ts";

/** Where the cgroup hierarchies of this machine are mounted: one (version 2), or one for each set of controllers. */
export async function readHierarchies(): Promise<readonly string[]> {
  return parseHierarchies(await readFile("/proc/self/mountinfo", "utf8"));
}

/** Each hierarchy once: its fields before and after the lone hyphen are the mount and the file system. */
export function parseHierarchies(mountinfo: string): readonly string[] {
  const points = new Map<string, string>();
  for (const line of mountinfo.split("\n")) {
    const [mount = "", fileSystem = ""] = line.split(" - ");
    const [, , device = "", , point = ""] = mount.split(" ");
    if (/^cgroup2? /.test(fileSystem) && !points.has(device)) points.set(device, point);
  }
  return [...points.values()];
}

/** The processes in a cgroup and all below it. */
export async function processesIn(hierarchies: readonly string[], cgroup: string): Promise<readonly number[]> {
  const found = new Set<number>();
  for (const hierarchy of hierarchies) {
    for (const folder of await foldersOf(join(hierarchy, cgroup))) {
      const text = await readFile(join(folder, "cgroup.procs"), "utf8").catch(() => "");
      for (const pid of text.split("\n").filter(Boolean)) found.add(Number(pid));
    }
  }
  return [...found];
}

/** Removes a cgroup that has no processes any more. */
export async function removeCgroup(hierarchies: readonly string[], cgroup: string): Promise<void> {
  for (const hierarchy of hierarchies) {
    for (const folder of (await foldersOf(join(hierarchy, cgroup))).toReversed()) await rmdir(folder);
  }
}

/** The folder and all below it, parents first; none when it does not exist. */
async function foldersOf(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory());
    const below = await Promise.all(folders.map(async ({ name }) => await foldersOf(join(root, name))));
    return [root, ...below.flat()];
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}
