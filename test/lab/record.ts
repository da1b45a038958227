import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { number, object, optional, parse, string, type InferOutput } from "valibot";

import { writeFileAtomic } from "../../src/base/atomic-file.ts";
import { systemCode } from "../../src/base/error.ts";

const recordSchema = object({
  name: string(),
  /** Decides the names and addresses of the lab. */
  index: number(),
  /** The process that the lab ends with; absent: it stays until it is stopped. */
  owner: optional(string()),
  hostCount: number(),
  /** For disks, keys and logs. */
  folder: string(),
  baseTree: string(),
  rootPassword: string(),
  sudoPassword: string(),
});

/** What one lab has taken of this machine. It is written before anything is taken, and removed last. */
export type LabRecord = Readonly<InferOutput<typeof recordSchema>>;

export async function readRecords(folder: string): Promise<readonly LabRecord[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const names = (await readdir(folder)).filter((name) => /^[\w-][\w.-]*\.json$/.test(name));
  return await Promise.all(names.sort().map(async (name) => await readRecord(join(folder, name))));
}

export async function writeRecord(folder: string, record: LabRecord): Promise<void> {
  await writeFileAtomic(join(folder, `${record.name}.json`), `${JSON.stringify(record, undefined, 2)}\n`, {
    mode: 0o600,
  });
}

export async function removeRecord(folder: string, { name }: LabRecord): Promise<void> {
  await rm(join(folder, `${name}.json`), { force: true });
}

async function readRecord(path: string): Promise<LabRecord> {
  const content: unknown = JSON.parse(await readFile(path, "utf8"));
  return parse(recordSchema, content);
}

/** The identity of a host's process as its file has it; undefined when it was never started. */
export async function readProcess(diskFolder: string): Promise<string | undefined> {
  try {
    return await readFile(join(diskFolder, "process"), "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

export async function writeProcess(diskFolder: string, identity: string): Promise<void> {
  await writeFileAtomic(join(diskFolder, "process"), identity);
}
