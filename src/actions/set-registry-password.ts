import { readFile } from "node:fs/promises";

import { writeFileAtomic } from "../base/atomic-file.ts";
import type { Context } from "../base/context.ts";
import { InputError, systemCode } from "../base/error.ts";
import { withFileLock } from "../base/file-lock.ts";
import type { Secret } from "../base/secret.ts";
import { htpasswdLine } from "../registry/htpasswd.ts";
import { parseHtpasswd } from "../registry/server/login.ts";

/** bcrypt does not look at more. */
const PASSWORD_LIMIT_BYTES = 72;

/**
 * Gives a user of an htpasswd file this password; the file is made if need be, with mode 0600. Other lines stay.
 * @throws {InputError} when the name or the password cannot be used, or the file is something else.
 */
export async function setRegistryPassword(
  ctx: Context,
  { file, username, password }: { file: string; username: string; password: Secret },
): Promise<void> {
  requireLoginSyntax({ username, password });
  const line = await htpasswdLine(username, password.reveal());
  await withFileLock(ctx, `${file}.lock`, async () => {
    const before = await readIfPresent(file);
    parseHtpasswd(before);
    const others = before.split(/\r?\n/).filter((entry) => entry !== "" && !entry.startsWith(`${username}:`));
    await writeFileAtomic(file, [...others.map((entry) => `${entry}\n`), line].join(""), { mode: 0o600 });
  });
}

/** @throws {InputError} when the name or the password cannot be used; what is absent is not looked at. */
export function requireLoginSyntax({
  username,
  password,
}: {
  readonly username: string | undefined;
  readonly password: Secret | undefined;
}): void {
  if (username !== undefined && !/^[^:\s#][^:\s]*$/.test(username)) {
    throw new InputError(`Cannot set a password for "${username}": a name has no colon, blank or leading "#"`);
  }
  const text = password?.reveal();
  if (text === "" || Buffer.byteLength(text ?? "") > PASSWORD_LIMIT_BYTES) {
    throw new InputError(`Cannot set this password: expected 1 to ${PASSWORD_LIMIT_BYTES} bytes`);
  }
}

async function readIfPresent(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return "";
    throw new InputError(`Cannot read "${path}"`, { cause: error });
  }
}
