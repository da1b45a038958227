import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { InputError, messageOf, systemCode } from "../../base/error.ts";
import { parseRegistriesConf } from "./parse-registries-conf.ts";
import { mergeConfigs, NO_REGISTRIES_CONFIG, type RegistriesConfig } from "./registries-config.ts";

/** Where registries.conf is looked for. */
export interface RegistriesConfigPlaces {
  /** The file that the user names; a missing one is an error. */
  readonly file?: string | undefined;
  /** The folder of more files that the user names. */
  readonly folder?: string | undefined;
  /** The user's own `containers` folder. */
  readonly userFolder: string;
  /** That of the machine. */
  readonly systemFolder: string;
}

/**
 * Reads registries.conf where podman and buildah do: the named file, else the user's, else that of the machine; then the
 * files of the folders beside it, in the order of their names. @throws {InputError}
 */
export async function loadRegistriesConfig(places: RegistriesConfigPlaces): Promise<RegistriesConfig> {
  const { file, folder, userFolder, systemFolder } = places;
  const own = join(userFolder, "registries.conf");
  const shared = join(systemFolder, "registries.conf");
  const main = file === undefined ? ((await readConfig(own)) ?? (await readConfig(shared))) : await requireConfig(file);
  const isOwn = file === undefined && main?.file === own;
  const folders = folder === undefined ? [...(isOwn ? [] : [`${shared}.d`]), `${own}.d`] : [folder];
  const configs = [main, ...(await Promise.all(folders.map(readFolder))).flat()].filter(
    (config) => config !== undefined,
  );
  return configs.reduce<RegistriesConfig>(mergeConfigs, NO_REGISTRIES_CONFIG);
}

async function readFolder(folder: string): Promise<readonly (RegistriesConfig | undefined)[]> {
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith(".conf")).sort();
    return await Promise.all(names.map((name) => readConfig(join(folder, name))));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error instanceof InputError ? error : unreadable(folder, error);
  }
}

async function requireConfig(file: string): Promise<RegistriesConfig & { readonly file: string }> {
  const config = await readConfig(file);
  if (config) return config;
  throw new InputError(`Cannot read "${file}": there is no such file`, { hint: "Name a registries.conf that exists" });
}

/** Undefined when there is none. */
async function readConfig(file: string): Promise<(RegistriesConfig & { readonly file: string }) | undefined> {
  try {
    return { ...parseRegistriesConf(await readFile(file, "utf8"), file), file };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error instanceof InputError ? error : unreadable(file, error);
  }
}

function isMissing(error: unknown): boolean {
  return systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR";
}

function unreadable(path: string, error: unknown): InputError {
  return new InputError(`Cannot read "${path}": ${messageOf(error)}`, { cause: error });
}
