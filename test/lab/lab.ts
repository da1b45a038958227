import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";

import { mapLimit } from "../../src/base/concurrency.ts";
import { backgroundContext, runTask, type Context } from "../../src/base/context.ts";
import { KnownError } from "../../src/base/error.ts";
import { withFileLock } from "../../src/base/file-lock.ts";
import { isProcessAlive, ownProcess } from "../../src/base/process-identity.ts";
import { ensureBaseTree, RECIPE, removeTree } from "./base-tree.ts";
import { labFolders, type LabFolders } from "./folders.ts";
import { findFreeIndex } from "./free-index.ts";
import { LabHost } from "./host.ts";
import type { HostPlace } from "./host-process.ts";
import { placesOf, removeLab, removeLeftovers } from "./leftovers.ts";
import { raiseSettings, saveSettings } from "./machine-settings.ts";
import { MOST_HOSTS, networkOf, SUDO_USER } from "./names.ts";
import { createBridge, readNetworksInUse } from "./network.ts";
import { findLabObstacles } from "./obstacles.ts";
import { installLabPackages } from "./packages.ts";
import { WITH_PRIVATE_MOUNTS } from "./private-mounts.ts";
import { readRecords, writeRecord, type LabRecord } from "./record.ts";
import { queryHere, runHere } from "./this-machine.ts";

export interface LabOptions {
  /** From 1 to 7. A lab that exists gets more hosts, never fewer. */
  readonly hosts: number;
  /** Default: one that no other lab has. */
  readonly name?: string;
  /** The lab stays when this process has ended; default: it ends with it, at the latest when the next lab starts. */
  readonly isKept?: boolean;
}

/** Throw-away hosts on this machine, in a network of their own. */
export interface Lab {
  readonly name: string;
  readonly hosts: readonly LabHost[];
  /** This machine, as the hosts see it. */
  readonly gateway: string;
  /** A private key that logs in as root and as the sudo user. */
  readonly keyFile: string;
  readonly knownHostsFile: string;
  readonly rootPassword: string;
  /** Becomes root by sudo, which asks for the password. */
  readonly sudoUser: string;
  readonly sudoPassword: string;
}

/** Starts a lab, or what an existing one of this name lacks. A start that fails leaves nothing behind. */
export async function startLab(ctx: Context, options: LabOptions): Promise<Lab> {
  const folders = labFolders(process.env);
  await prepareMachine(ctx);
  const baseTree = await ensureBaseTree(ctx, folders);
  const record = await lockRecords(ctx, folders, async () => await claim(ctx, folders, { ...options, baseTree }));
  const lab = toLab(record);
  try {
    await mapLimit(ctx, { items: placesOf(record), limit: MOST_HOSTS }, async (inner, place) => {
      await runTask(inner, `Start ${place.names.name} (${place.names.address})`, async (task) => {
        await prepareDisk(task, place, lab);
        await new LabHost(place).start(task);
      });
    });
  } catch (error) {
    await discard(folders, record);
    throw error;
  }
  if (options.isKept) await writeRecord(folders.records, { ...record, owner: undefined });
  return lab;
}

/** Ends a lab and removes everything of it. Stopping what does not exist is no error. */
export async function stopLab(ctx: Context, name: string): Promise<void> {
  const folders = labFolders(process.env);
  await lockRecords(ctx, folders, async () => {
    const living = await removeLeftovers(ctx, folders);
    const lab = living.find((record) => record.name === name);
    if (lab) await removeLab(ctx, folders, lab);
  });
}

/** @throws {KnownError} LAB_NOT_FOUND */
export async function openLab(name: string): Promise<Lab> {
  const record = (await readRecords(labFolders(process.env).records)).find((lab) => lab.name === name);
  if (record) return toLab(record);
  throw new KnownError("LAB_NOT_FOUND", `Cannot open the lab "${name}": there is none of this name`, {
    hint: "Start it with `make lab-up`",
  });
}

export async function listLabs(): Promise<readonly Lab[]> {
  return (await readRecords(labFolders(process.env).records)).map(toLab);
}

/** @throws {KnownError} LAB_IMPOSSIBLE: everything that is in the way. */
async function prepareMachine(ctx: Context): Promise<void> {
  const obstacles = await findLabObstacles(ctx);
  if (obstacles.length > 0) {
    throw new KnownError("LAB_IMPOSSIBLE", `Cannot make hosts on this machine:\n- ${obstacles.join("\n- ")}`);
  }
  await installLabPackages(ctx);
}

async function lockRecords<T>(ctx: Context, { records }: LabFolders, work: () => Promise<T>): Promise<T> {
  return await withFileLock(ctx, join(records, "lock"), work);
}

/** Takes a name and a network for a new lab, or an existing lab for this process. */
async function claim(
  ctx: Context,
  folders: LabFolders,
  options: LabOptions & { readonly baseTree: string },
): Promise<LabRecord> {
  const living = await removeLeftovers(ctx, folders);
  const name = options.name ?? `test-${randomBytes(4).toString("hex")}`;
  const existing = living.find((record) => record.name === name);
  if (existing) return await takeOver(folders, existing, options.hosts);
  const index = findFreeIndex(await readNetworksInUse(ctx));
  if (index === undefined) {
    throw new KnownError(
      "LAB_NO_NETWORK",
      "Cannot make hosts: all networks from 10.77.0.0/24 to 10.77.255.0/24 are used",
    );
  }
  const record: LabRecord = {
    name,
    index,
    owner: ownProcess(),
    hostCount: checkedCount(options.hosts),
    folder: join(folders.disks, name),
    baseTree: options.baseTree,
    rootPassword: randomBytes(9).toString("base64url"),
    sudoPassword: randomBytes(9).toString("base64url"),
  };
  await saveSettings(folders.records);
  await raiseSettings();
  await writeRecord(folders.records, record);
  await mkdir(record.folder, { recursive: true, mode: 0o700 });
  await createBridge(ctx, networkOf(index));
  await runHere(ctx, ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(record.folder, "key")]);
  return record;
}

async function takeOver(folders: LabFolders, lab: LabRecord, hosts: number): Promise<LabRecord> {
  if (lab.owner !== undefined && lab.owner !== ownProcess() && isProcessAlive(lab.owner)) {
    throw new KnownError(
      "LAB_IN_USE",
      `Cannot start the lab "${lab.name}": process ${lab.owner.split("-")[0]} has it`,
      {
        hint: "Wait for its end, or take another name",
      },
    );
  }
  const record = { ...lab, owner: ownProcess(), hostCount: Math.max(lab.hostCount, checkedCount(hosts)) };
  await writeRecord(folders.records, record);
  return record;
}

function checkedCount(hosts: number): number {
  if (Number.isInteger(hosts) && hosts >= 1 && hosts <= MOST_HOSTS) return hosts;
  throw new KnownError("USAGE", `Cannot make ${hosts} hosts: expected a number from 1 to ${MOST_HOSTS}`);
}

/** Makes the disk of a host that has none yet. */
async function prepareDisk(ctx: Context, { lab: record, names, disk }: HostPlace, lab: Lab): Promise<void> {
  const mark = join(disk, "prepared");
  if (existsSync(mark)) return;
  await removeTree(ctx, disk);
  await mkdir(disk, { recursive: true });
  const script = join(RECIPE, "prepare-host.sh");
  const words = [record.baseTree, disk, names.name, names.address, lab.gateway, `${lab.keyFile}.pub`, lab.sudoUser];
  const stdin = `root:${lab.rootPassword}\n${lab.sudoUser}:${lab.sudoPassword}\n`;
  const hostKey = await queryHere(ctx, [...WITH_PRIVATE_MOUNTS, "sh", script, ...words], {
    stdin,
  });
  await appendFile(lab.knownHostsFile, `${names.address} ${hostKey.trim()}\n`);
  await mkdir(mark);
}

/** Cleans up after a failure, also after a cancellation. */
async function discard(folders: LabFolders, record: LabRecord): Promise<void> {
  const ctx = backgroundContext();
  await lockRecords(ctx, folders, async () => await removeLab(ctx, folders, record));
}

function toLab(record: LabRecord): Lab {
  return {
    name: record.name,
    hosts: placesOf(record).map((place) => new LabHost(place)),
    gateway: networkOf(record.index).gateway,
    keyFile: join(record.folder, "key"),
    knownHostsFile: join(record.folder, "known_hosts"),
    rootPassword: record.rootPassword,
    sudoUser: SUDO_USER,
    sudoPassword: record.sudoPassword,
  };
}
