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
  /** Of another storage than the image, when its base is in an additional image store. */
  readonly storage: Storage;
}

export interface Storage {
  readonly root: string;
  readonly driver: string;
}

type JsonRecord = Readonly<Record<string, unknown>>;

/**
 * @param roots where the image is looked for.
 * @param known all storages of this machine: an image of one may lie on layers of another.
 * @param name a name, or `@` and the beginning of an image ID.
 * @throws {NotFoundError} naming the folders that were searched.
 */
export async function findStoredImage(
  roots: readonly string[],
  name: string,
  known: readonly string[],
): Promise<StorageImage> {
  const names = candidateNames(name, true);
  const isWanted = ({ id, names: given }: { id: string; names: readonly string[] }): boolean =>
    name.startsWith("@") ? id.startsWith(name.slice(1)) : given.some((other) => names.includes(other)) || id === name;
  for (const root of roots) {
    for (const driver of DRIVERS) {
      const records = await readRecords(join(root, `${driver}-images`, "images.json"));
      const found = records.find((record) => isWanted({ id: textOf(record, "id"), names: textsOf(record, "names") }));
      if (found) return toImage(found, { root, driver }, known);
    }
  }
  throw new NotFoundError(
    "IMAGE_NOT_FOUND",
    `Cannot find image "${name}" in containers-storage: searched in ${roots.join(", ")}`,
    { hint: "Name its folder: containers-storage:[DRIVER@ROOT]NAME" },
  );
}

async function toImage(record: JsonRecord, storage: Storage, roots: readonly string[]): Promise<StorageImage> {
  const others = roots.filter((root) => root !== storage.root).map((root) => ({ ...storage, root }));
  const known = await readLayers([storage, ...others]);
  const layers: StorageLayer[] = [];
  for (let id = textOf(record, "layer"); id !== "";) {
    const layer = known.get(id);
    if (!layer || layers.length > known.size) {
      const image = textOf(record, "id");
      throw new InputError(`Cannot read image "${image}": "${storage.root}" does not know its layer "${id}"`, {
        hint: "Name all storages in storage.conf, with their additional image stores",
      });
    }
    layers.unshift(layer);
    id = layer.parent;
  }
  return { id: textOf(record, "id"), names: textsOf(record, "names"), layers, storage };
}

/** The layers of several storages by their IDs; the first storage wins. */
async function readLayers(
  storages: readonly Storage[],
): Promise<ReadonlyMap<string, StorageLayer & { readonly parent: string }>> {
  const layers = new Map<string, StorageLayer & { readonly parent: string }>();
  for (const storage of storages) {
    const folder = join(storage.root, `${storage.driver}-layers`);
    for (const name of ["layers.json", "volatile-layers.json"]) {
      for (const record of await readRecords(join(folder, name))) {
        const [id, size] = [textOf(record, "id"), record["diff-size"]];
        if (layers.has(id)) continue;
        const sizeBytes = typeof size === "number" && size > 0 ? size : undefined;
        layers.set(id, { id, sizeBytes, storage, parent: textOf(record, "parent") });
      }
    }
  }
  return layers;
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
