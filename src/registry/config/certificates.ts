import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { InputError, messageOf, systemCode } from "../../base/error.ts";
import type { Certificates } from "../client/http.ts";

/**
 * The certificates for one registry: of the first of these `certs.d` folders that has a folder of its name.
 * https://github.com/containers/image/blob/v5.36.0/docs/containers-certs.d.5.md
 * @throws {InputError}
 */
export async function findCertificates(folders: readonly string[], registry: string): Promise<Certificates> {
  for (const folder of folders) {
    const names = await listFolder(join(folder, registry));
    if (names) return readNamed(join(folder, registry), names);
  }
  return { authorities: [], identities: [] };
}

/** The certificates of a folder: authorities as `*.crt`, own ones as `*.cert` with their `*.key`. @throws {InputError} */
export async function readCertificates(folder: string): Promise<Certificates> {
  const names = await listFolder(folder);
  if (names) return readNamed(folder, names);
  throw new InputError(`Cannot read certificates from "${folder}": there is no such folder`);
}

/** @returns undefined when there is none, or when it is not ours to read. */
async function listFolder(folder: string): Promise<readonly string[] | undefined> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes(systemCode(error) ?? "")) return undefined;
    throw unreadable(folder, messageOf(error), error);
  }
}

async function readNamed(folder: string, names: readonly string[]): Promise<Certificates> {
  const read = async (name: string): Promise<string> => {
    try {
      return await readFile(join(folder, name), "utf8");
    } catch (error) {
      throw unreadable(join(folder, name), messageOf(error), error);
    }
  };
  const authorities = names.filter((name) => /\.(?:crt|pem)$/.test(name));
  const owned = names.filter((name) => name.endsWith(".cert"));
  const keys = names.filter((name) => name.endsWith(".key"));
  const alone = [...owned, ...keys].find((name) => !names.includes(partnerOf(name)));
  if (alone !== undefined) throw unreadable(join(folder, alone), `"${partnerOf(alone)}" is missing beside it`);
  return {
    authorities: await Promise.all(authorities.map(read)),
    identities: await Promise.all(
      owned.map(async (name) => ({ certificate: await read(name), key: await read(partnerOf(name)) })),
    ),
  };
}

function partnerOf(name: string): string {
  return name.endsWith(".key") ? name.replace(/\.key$/, ".cert") : name.replace(/\.cert$/, ".key");
}

function unreadable(path: string, reason: string, cause?: unknown): InputError {
  return new InputError(`Cannot use certificates of "${path}": ${reason}`, { cause });
}
