import { createHash, timingSafeEqual } from "node:crypto";

import { InputError } from "../../base/error.ts";
import { Refusal, toResponse } from "./api.ts";
import { PasswordChecks } from "./password-checks.ts";
import { toRefusal } from "./refusal.ts";
import type { RegistryHandler } from "./registry.ts";

/** Users by name, each with the bcrypt hash of the password. */
export type Users = ReadonlyMap<string, string>;

/**
 * Lets only known users in. A password is verified with bcrypt once and known from then on, until its hash changes:
 * each verification costs a tenth of a second.
 * @param findUsers asked for each request, so that users can change while the registry runs.
 */
export function requireLogin(handler: RegistryHandler, findUsers: () => Promise<Users>): RegistryHandler {
  const verified = new Map<string, Buffer>();
  const checks = new PasswordChecks();
  const isKnown = async ({ username, password }: Login): Promise<boolean> => {
    const users = await findUsers();
    const hash = users.get(username);
    const fingerprint = createHash("sha256").update(`${hash} ${password}`).digest();
    const known = verified.get(username);
    if (known && timingSafeEqual(known, fingerprint)) return true;
    if (!(await checks.matches(password, hash ?? nobody(users))) || hash === undefined) return false;
    verified.set(username, fingerprint);
    return true;
  };
  return async (ctx, request) => {
    const login = findLogin(request.headers["authorization"]);
    try {
      if (login && (await isKnown(login))) return await handler(ctx, request);
    } catch (error) {
      return toResponse(toRefusal(error));
    }
    const headers = { "www-authenticate": 'Basic realm="sealos registry", charset="UTF-8"' };
    return toResponse(new Refusal(401, "UNAUTHORIZED", "a user and a password are needed", headers));
  };
}

/** Compared with when the user is not known: takes as long as the slowest wrong password. */
function nobody(users: Users): string {
  const cost =
    [...users.values()]
      .map((hash) => hash.slice(4, 6))
      .sort()
      .at(-1) ?? "10";
  return `$2b$${cost}$abcdefghijklmnopqrstuuE0bPuFHBlBkN0.xNXOBBGbVzDxoHxAa`;
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** Who a client says it is, in an `authorization` header of type Basic. */
export function findLogin(header: string | string[] | undefined): Login | undefined {
  const encoded = typeof header === "string" ? /^basic ([\w+/=-]+)$/i.exec(header)?.[1] : undefined;
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/**
 * The users of an htpasswd file; blank lines and those with `#` are left out.
 * @throws {InputError} when the file has a line without a bcrypt hash.
 */
export function parseHtpasswd(text: string): Users {
  const hashes = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const colon = line.indexOf(":");
    const hash = line.slice(colon + 1).trim();
    if (colon < 1 || !/^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}$/.test(hash)) {
      throw new InputError(
        `Cannot read line ${index + 1} of the htpasswd file: expected user:hash, the hash of bcrypt`,
        {
          hint: "Make the line with `htpasswd -nB USER`",
        },
      );
    }
    hashes.set(line.slice(0, colon), hash);
  }
  return hashes;
}
