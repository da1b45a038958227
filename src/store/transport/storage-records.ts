import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { InputError, NotFoundError, systemCode } from "../../base/error.ts";
import { candidateNames } from "../image-names.ts";

const DRIVERS = ["overlay", "vfs"];

/** One image of a containers-storage. https://github.com/containers/storage/blob/v1.43.0/images.go */
export interface StorageImage {
  readonly id: string;
  readonly names: readonly string[];
  /** The lowest first. */
  readonly layers: readonly StorageLayer[];
  readonly storage: Storage;
}

export interface StorageLayer {
  readonly id: string;
  /** Of its uncompressed tar, in bytes. */
  readonly sizeBytes: number | undefined;
}

interface Storage {
  readonly root: string;
  readonly driver: string;
}

type JsonRecord = Readonly<Record<string, unknown>>;

/**
 * @param name a name, or `@` and the beginning of an image ID.
 * @throws {NotFoundError} naming the folders that were searched.
 */
export async function findStoredImage(roots: readonly string[], name: string): Promise<StorageImage> {
  const names = candidateNames(name, true);
  const isWanted = ({ id, names: given }: { id: string; names: readonly string[] }): boolean =>
    name.startsWith("@") ? id.startsWith(name.slice(1)) : given.some((other) => names.includes(other)) || id === name;
  for (const root of roots) {
    for (const driver of DRIVERS) {
      const records = await readRecords(join(root, `${driver}-images`, "images.json"));
      const found = records.find((record) => isWanted({ id: textOf(record, "id"), names: textsOf(record, "names") }));
      if (found) return toImage(found, { root, driver });
    }
  }
  throw new NotFoundError(
    "IMAGE_NOT_FOUND",
    `Cannot find image "${name}" in containers-storage: searched in ${roots.join(", ")}`,
    { hint: "Name its folder: containers-storage:[DRIVER@ROOT]NAME" },
  );
}

async function toImage(record: JsonRecord, storage: Storage): Promise<StorageImage> {
  const folder = join(storage.root, `${storage.driver}-layers`);
  const records = [
    ...(await readRecords(join(folder, "layers.json"))),
    ...(await readRecords(join(folder, "volatile-layers.json"))),
  ];
  const byId = new Map(records.map((layer) => [textOf(layer, "id"), layer]));
  const layers: StorageLayer[] = [];
  for (let id = textOf(record, "layer"); id !== "";) {
    const layer = byId.get(id);
    if (!layer || layers.length > byId.size) {
      throw new InputError(`Cannot read image "${textOf(record, "id")}": "${folder}" does not know its layer "${id}"`);
    }
    const size = layer["diff-size"];
    layers.unshift({ id, sizeBytes: typeof size === "number" && size > 0 ? size : undefined });
    id = textOf(layer, "parent");
  }
  return { id: textOf(record, "id"), names: textsOf(record, "names"), layers, storage };
}

/** None when there is no such file. */
async function readRecords(path: string): Promise<readonly JsonRecord[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes(systemCode(error) ?? "")) return [];
    throw error;
  }
  const document: unknown = JSON.parse(text);
  if (Array.isArray(document) && document.every(isRecord)) return document;
  throw new InputError(`Cannot read "${path}": it is not a list of records`);
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null;
}

function textOf(record: JsonRecord, field: string): string {
  const value = record[field];
  return typeof value === "string" ? value : "";
}

function textsOf(record: JsonRecord, field: string): readonly string[] {
  const value = record[field];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
