import { readFile, stat } from "node:fs/promises";

import { InputError, messageOf } from "../../base/error.ts";
import { parseHtpasswd, type Users } from "./login.ts";

/**
 * The users of an htpasswd file, as it is at the time: it is read again when it has changed. A file that has become
 * unreadable changes nothing: those who were let in before are let in still.
 * @throws {InputError} when it cannot be read now.
 */
export async function openHtpasswdFile(
  path: string,
  { warn }: { readonly warn: (message: string) => void },
): Promise<() => Promise<Users>> {
  let version = await versionOf(path);
  let users = await readUsers(path);
  return async () => {
    const now = await versionOf(path);
    if (now === version) return users;
    version = now;
    try {
      users = await readUsers(path);
      warn(`Read the users in "${path}" again: ${users.size}`);
    } catch (error) {
      warn(`${messageOf(error)}; the users stay as they were`);
    }
    return users;
  };
}

async function readUsers(path: string): Promise<Users> {
  try {
    return parseHtpasswd(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`Cannot read "${path}": ${messageOf(error)}`, { cause: error });
  }
}

/** Differs when the file may have other content. */
async function versionOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found ? `${found.ino} ${found.mtimeNs} ${found.size}` : "";
}
