import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { InputError, messageOf, systemCode } from "../base/error.ts";
import { readToml } from "../templates/toml/read-toml.ts";
import type { Value } from "../templates/value/value.ts";
import type { Settings } from "./settings.ts";

type StorageSettings = Pick<Settings, "home" | "configHome" | "userId" | "variables">;

/**
 * Folders where podman, buildah and CRI-O may keep images: what the first `storage.conf` names, with its additional
 * image stores, then the usual ones. https://github.com/containers/storage/blob/v1.43.0/docs/containers-storage.conf.5.md
 * @throws {InputError} for a file that is not TOML.
 */
export async function findStorageRoots(settings: StorageSettings): Promise<readonly string[]> {
  const { home } = settings;
  const usual = ["/var/lib/containers/storage", join(home, ".local/share/containers/storage")];
  for (const path of configurationFiles(settings)) {
    const text = await readIfThere(path);
    if (text === undefined) continue;
    return [...new Set([...rootsIn(text, path).map((root) => expand(root, settings)), ...usual])];
  }
  return usual;
}

function configurationFiles({ configHome, userId, variables }: StorageSettings): readonly string[] {
  const given = variables["CONTAINERS_STORAGE_CONF"];
  if (given) return [given];
  const own = join(configHome, "containers/storage.conf");
  const shared = ["/etc/containers/storage.conf", "/usr/share/containers/storage.conf"];
  return userId === 0 ? shared : [own, ...shared];
}

function rootsIn(text: string, path: string): readonly string[] {
  let document: Value;
  try {
    document = readToml(text);
  } catch (error) {
    throw new InputError(`Cannot read "${path}": ${messageOf(error)}`, { hint: "Correct the file", cause: error });
  }
  const storage = fieldOf(document, "storage");
  const stores = fieldOf(fieldOf(storage, "options"), "additionalimagestores");
  const named = [fieldOf(storage, "rootless_storage_path"), fieldOf(storage, "graphroot")];
  return [...named, ...(Array.isArray(stores) ? stores : [])].filter(
    (value) => typeof value === "string" && value !== "",
  );
}

function fieldOf(value: Value | undefined, name: string): Value | undefined {
  return value instanceof Map ? value.get(name) : undefined;
}

function expand(root: string, { home, userId }: StorageSettings): string {
  return root.replaceAll(/\$\{?HOME\}?/g, home).replaceAll(/\$\{?UID\}?/g, String(userId));
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return undefined;
    throw new InputError(`Cannot read "${path}": ${messageOf(error)}`, { cause: error });
  }
}
