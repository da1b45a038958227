import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { systemCode } from "../base/error.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { isDigest, type Digest } from "../oci/digest.ts";
import { blobFile, LAYER_RECORDS_FOLDER } from "./layout.ts";
import { namesIn } from "./leases.ts";

/** A layer that a build has made, by what it was made of. */
export interface LayerRecord {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
  /** When it was made, in ms since 1970. */
  readonly createdMs: number;
  /** What was the same when it was made, for instance the content of its files. */
  readonly keys: readonly string[];
}

/** Of one topic: older ones go. */
const RECORDS_LIMIT = 8;

/**
 * Records of layers in a store's folder, by topics: layers that differ only in the content of their files have the same
 * one. Records are not synced: after a loss of power some may be missing, and a half one counts as none.
 */
export class LayerRecords {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** The newest ones first. Their blobs may be gone. */
  async find(topic: string): Promise<readonly LayerRecord[]> {
    return readRecords(this.#pathOf(topic));
  }

  /** Puts a record before those of its topic, in the place of one of the same layer. */
  async add(topic: string, record: LayerRecord): Promise<void> {
    const before = await this.find(topic);
    const same = before.find(({ descriptor }) => descriptor.digest === record.descriptor.digest);
    const keys = [...new Set([...record.keys, ...(same?.keys ?? [])])].slice(0, RECORDS_LIMIT);
    const others = before.filter((other) => other !== same);
    await writeRecords(this.#pathOf(topic), [{ ...record, keys }, ...others].slice(0, RECORDS_LIMIT));
  }

  #pathOf(topic: string): string {
    return join(this.#root, LAYER_RECORDS_FOLDER, `${topic}.json`);
  }
}

/** Forgets layers whose blobs are gone. */
export async function pruneLayerRecords(root: string): Promise<void> {
  const folder = join(root, LAYER_RECORDS_FOLDER);
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    const records = await readRecords(path);
    const present = await Promise.all(records.map(({ descriptor }) => hasBlob(root, descriptor)));
    const kept = records.filter((_, index) => present[index]);
    if (kept.length === 0) await rm(path, { force: true });
    else if (kept.length < records.length) await writeRecords(path, kept);
  }
}

async function hasBlob(root: string, { digest }: Descriptor): Promise<boolean> {
  return (await stat(join(root, blobFile(digest))).catch(() => undefined)) !== undefined;
}

async function readRecords(path: string): Promise<readonly LayerRecord[]> {
  try {
    const document: unknown = JSON.parse(await readFile(path, "utf8"));
    return Array.isArray(document) ? document.filter(isRecord) : [];
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === "ENOENT") return [];
    throw error;
  }
}

async function writeRecords(path: string, records: readonly LayerRecord[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  await writeFile(temporary, JSON.stringify(records));
  await rename(temporary, path);
}

function isRecord(value: unknown): value is LayerRecord {
  if (typeof value !== "object" || value === null) return false;
  const { descriptor, diffId, createdMs, keys } = value as Partial<Record<string, unknown>>;
  return isDescriptor(descriptor) && isDigestText(diffId) && typeof createdMs === "number" && Array.isArray(keys);
}

function isDescriptor(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { mediaType, digest, size } = value as Partial<Record<string, unknown>>;
  return typeof mediaType === "string" && isDigestText(digest) && Number.isSafeInteger(size);
}

function isDigestText(value: unknown): boolean {
  return typeof value === "string" && isDigest(value);
}
