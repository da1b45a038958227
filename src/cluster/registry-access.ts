import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as v from "valibot";

import { writeFileAtomic } from "../base/atomic-file.ts";
import type { Context } from "../base/context.ts";
import { InputError, systemCode } from "../base/error.ts";
import { Secret } from "../base/secret.ts";
import { htpasswdLine } from "../registry/htpasswd.ts";
import { issueAuthority, issueServerCertificate, type KeyPair } from "../pki/certificate.ts";

/** Who may use the cluster's registry and how it proves who it is. */
export interface RegistryAccess {
  readonly username: string;
  readonly password: Secret;
  /** Line of an htpasswd file. */
  readonly htpasswd: Secret;
  /** PEM; what hosts trust. */
  readonly authority: string;
  /** PEM certificate and key of the registry. */
  readonly server: { readonly certificate: string; readonly privateKey: Secret };
}

const STORED = v.object({
  username: v.string(),
  password: v.string(),
  htpasswd: v.string(),
  authority: v.object({ certificate: v.string(), privateKey: v.string() }),
  server: v.object({ certificate: v.string(), privateKey: v.string(), names: v.array(v.string()) }),
});

type Stored = v.InferOutput<typeof STORED>;

const AUTHORITY_NAME = "sealos-registry-ca";
const VALID_DAYS = 36_500;

export interface RegistryAccessOptions {
  /** DNS names and addresses of the registry, the first is its common name. */
  readonly names: readonly string[];
  readonly now: Date;
  /** Chosen by the user; absent: `admin` and a random password. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** True: what is made is only for this plan, and not kept. */
  readonly isTrial?: boolean;
}

/**
 * Reads the cluster's registry credentials from `file`, or makes them: a random password and a certificate for `names`.
 * The file is 0600. A certificate that lacks one of the names is issued again under the same authority.
 */
export async function openRegistryAccess(
  ctx: Context,
  file: string,
  options: RegistryAccessOptions,
): Promise<RegistryAccess> {
  ctx.signal.throwIfAborted();
  const found = await readStored(file);
  const stored = found && isCurrent(found, options) ? found : await issue(found, options);
  if (stored !== found && !options.isTrial) await writeStored(file, stored);
  return {
    username: stored.username,
    password: new Secret(stored.password),
    htpasswd: new Secret(stored.htpasswd),
    authority: stored.authority.certificate,
    server: { certificate: stored.server.certificate, privateKey: new Secret(stored.server.privateKey) },
  };
}

/** How a user proves to the cluster's registry who it is. */
export interface RegistryLogin {
  /** Absent: it stays. */
  readonly username: string | undefined;
  /** Absent: a new random one. */
  readonly password: Secret | undefined;
}

/**
 * Gives the cluster's registry another login; its certificates stay. Hosts learn of it by the next run.
 * @returns the whole login. @throws {InputError} when the cluster has none yet.
 */
export async function changeRegistryLogin(
  ctx: Context,
  file: string,
  login: RegistryLogin,
): Promise<{ readonly username: string; readonly password: Secret }> {
  ctx.signal.throwIfAborted();
  const found = await readStored(file);
  if (!found) {
    throw new InputError(`Cannot change the registry's password: there is no "${file}" yet`, {
      hint: "Make the cluster first, with `sealos run` or `sealos apply`",
    });
  }
  const username = login.username ?? found.username;
  const password = login.password?.reveal() ?? randomPassword();
  const htpasswd = await htpasswdLine(username, password);
  await writeStored(file, { ...found, username, password, htpasswd });
  return { username, password: new Secret(password) };
}

async function writeStored(file: string, stored: Stored): Promise<void> {
  await writeFileAtomic(file, `${JSON.stringify(stored, undefined, 2)}\n`, { mode: 0o600 });
}

function randomPassword(): string {
  return randomBytes(24).toString("base64url");
}

async function readStored(file: string): Promise<Stored | undefined> {
  try {
    return v.parse(STORED, JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw new InputError(`Cannot read the registry credentials in "${file}"`, {
      cause: error,
      hint: "Restore the file from a backup, or remove it to have new credentials made",
    });
  }
}

function isCurrent(found: Stored, { names, username, password }: RegistryAccessOptions): boolean {
  return (
    names.every((name) => found.server.names.includes(name)) &&
    (username ?? found.username) === found.username &&
    (password ?? found.password) === found.password
  );
}

async function issue(found: Stored | undefined, options: RegistryAccessOptions): Promise<Stored> {
  const notBefore = new Date(options.now.getTime() - 86_400_000); // hosts whose clock is behind must accept it too
  const authority: KeyPair =
    found?.authority ?? issueAuthority({ commonName: AUTHORITY_NAME, notBefore, validDays: VALID_DAYS });
  const server = issueServerCertificate(
    {
      commonName: options.names[0] ?? "registry",
      notBefore,
      validDays: VALID_DAYS - 1,
      subjectAlternativeNames: options.names,
    },
    { ...authority, commonName: AUTHORITY_NAME },
  );
  const username = options.username ?? found?.username ?? "admin";
  const password = options.password ?? found?.password ?? randomPassword();
  const htpasswd = await htpasswdLine(username, password);
  return { username, password, htpasswd, authority, server: { ...server, names: [...options.names] } };
}
