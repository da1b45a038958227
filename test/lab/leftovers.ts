import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";

import { mapLimit } from "../../src/base/concurrency.ts";
import type { Context } from "../../src/base/context.ts";
import { isProcessAlive } from "../../src/base/process-identity.ts";
import { removeTree } from "./base-tree.ts";
import type { LabFolders } from "./folders.ts";
import { isRunning, killHost, type HostPlace } from "./host-process.ts";
import { restoreSettings } from "./machine-settings.ts";
import { hostNames, networkOf } from "./names.ts";
import { removeBridge } from "./network.ts";
import { readRecords, removeRecord, type LabRecord } from "./record.ts";

/** The hosts of a lab in their order. */
export function placesOf(lab: LabRecord): readonly HostPlace[] {
  return Array.from({ length: lab.hostCount }, (_, position) => {
    const names = hostNames(lab.index, position + 1);
    return { lab, names, disk: join(lab.folder, names.name) };
  });
}

/** Removes a lab, or what is left of one; the caller holds the lock of the records. */
export async function removeLab(ctx: Context, folders: LabFolders, lab: LabRecord): Promise<void> {
  await mapLimit(ctx, { items: placesOf(lab), limit: 8 }, killHost);
  await removeBridge(ctx, networkOf(lab.index));
  await removeTree(ctx, lab.folder);
  await removeRecord(folders.records, lab);
  if ((await readRecords(folders.records)).length === 0) await restoreSettings(folders.records);
}

/** Removes what killed runs have left; the caller holds the lock of the records. @returns the labs that live. */
export async function removeLeftovers(ctx: Context, folders: LabFolders): Promise<readonly LabRecord[]> {
  const living: LabRecord[] = [];
  for (const lab of await readRecords(folders.records)) {
    if (await isLiving(lab)) {
      living.push(lab);
      continue;
    }
    ctx.progress.output(`removing what is left of the lab "${lab.name}"`);
    await removeLab(ctx, folders, lab);
  }
  await removeOrphanedDisks(ctx, folders, living);
  return living;
}

/** A lab with an owner lives as long as that process, any other one as long as one of its hosts. */
async function isLiving(lab: LabRecord): Promise<boolean> {
  if (lab.owner !== undefined) return isProcessAlive(lab.owner);
  for (const place of placesOf(lab)) if (await isRunning(place)) return true;
  return false;
}

/** Records end with the machine's boot, disks do not. */
async function removeOrphanedDisks(ctx: Context, { disks }: LabFolders, living: readonly LabRecord[]): Promise<void> {
  await mkdir(disks, { recursive: true, mode: 0o700 });
  for (const name of await readdir(disks)) {
    const folder = join(disks, name);
    if (!living.some((lab) => lab.folder === folder)) await removeTree(ctx, folder);
  }
}
