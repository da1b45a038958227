import { readFile } from "node:fs/promises";

import { writeFileAtomic } from "../../base/atomic-file.ts";
import type { Context } from "../../base/context.ts";
import { InputError, messageOf, systemCode } from "../../base/error.ts";
import { withFileLock } from "../../base/file-lock.ts";
import { Secret } from "../../base/secret.ts";
import { askCredentialHelper } from "./credential-helper.ts";
import type { Credentials, CredentialsQuery, FindCredentials } from "./credentials.ts";

/** `auth.json` or docker's `config.json`. Unknown fields survive a change. */
interface AuthFile {
  readonly auths?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/**
 * Looks logins up in these files and with the helpers that they name, the first that has one wins. A file that is not
 * there has none.
 */
export function credentialsFromFiles(paths: readonly string[]): FindCredentials {
  return async (ctx, query) => {
    for (const path of paths) {
      ctx.signal.throwIfAborted();
      const file = await readAuthFile(path);
      const helper = findHelper(file, query.registry);
      const found =
        findCredentials(file, query) ?? (helper && (await askCredentialHelper(ctx, helper, serverOf(query.registry))));
      if (found) return found;
    }
    return undefined;
  };
}

/** The helper of the registry, else the one of all registries. */
function findHelper({ credHelpers, credsStore }: AuthFile, registry: string): string | undefined {
  const helper = toRecord(credHelpers)[registry] ?? credsStore;
  return typeof helper === "string" && helper !== "" ? helper : undefined;
}

/** Docker keeps the login of its hub with the helper under the old name. */
function serverOf(registry: string): string {
  return registry === "docker.io" ? "https://index.docker.io/v1/" : registry;
}

/** Keeps a login in a file that only its owner reads. @param key a registry, or a part of one: `quay.io/project`. */
export async function storeCredentials(
  ctx: Context,
  path: string,
  { key, credentials }: { key: string; credentials: Credentials },
): Promise<void> {
  await changeAuthFile(ctx, path, (auths) => ({ ...auths, [key]: toEntry(credentials) }));
}

/** Forgets the login for `key`. @returns false when there was none. */
export async function removeCredentials(ctx: Context, path: string, key: string): Promise<boolean> {
  if ((await readAuthFile(path)).auths?.[key] === undefined) return false;
  await changeAuthFile(ctx, path, (auths) =>
    Object.fromEntries(Object.entries(auths).filter(([name]) => name !== key)),
  );
  return true;
}

/** Forgets all logins of a file; those that helpers keep stay. @returns what they were for. */
export async function removeAllCredentials(ctx: Context, path: string): Promise<readonly string[]> {
  const keys = Object.keys((await readAuthFile(path)).auths ?? {});
  if (keys.length > 0) await changeAuthFile(ctx, path, () => ({}));
  return keys;
}

/** The login for the narrowest part of the registry that has one. */
function findCredentials(
  { auths = {} }: AuthFile,
  { registry, repository }: CredentialsQuery,
): Credentials | undefined {
  const parts = repository === "" ? [] : repository.split("/");
  const keys = parts.map((_, index) => [registry, ...parts.slice(0, parts.length - index)].join("/"));
  for (const key of keys) {
    const found = parseEntry(auths[key]);
    if (found) return found;
  }
  const entry = Object.entries(auths).find(([key]) => normalize(key) === registry);
  return parseEntry(auths[registry]) ?? parseEntry(entry?.[1]);
}

/** The registry that an old key means, such as `https://index.docker.io/v1/`; undefined for a namespace. */
function normalize(key: string): string | undefined {
  const host = /^(?:https?:\/\/)?([^/]+)(?:\/(?:v[12]\/?)?)?$/.exec(key)?.[1];
  return host === "index.docker.io" || host === "registry-1.docker.io" ? "docker.io" : host;
}

function parseEntry(entry: unknown): Credentials | undefined {
  const { auth, identitytoken } = toRecord(entry);
  if (typeof identitytoken === "string" && identitytoken !== "") {
    return { kind: "identity-token", token: new Secret(identitytoken) };
  }
  if (typeof auth !== "string") return undefined;
  const text = Buffer.from(auth, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 1) return undefined;
  return { kind: "password", username: text.slice(0, colon), password: new Secret(text.slice(colon + 1)) };
}

function toEntry(credentials: Credentials): object {
  if (credentials.kind === "identity-token") return { identitytoken: credentials.token.reveal() };
  const { username, password } = credentials;
  return { auth: Buffer.from(`${username}:${password.reveal()}`).toString("base64") };
}

async function changeAuthFile(
  ctx: Context,
  path: string,
  change: (auths: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): Promise<void> {
  await withFileLock(ctx, `${path}.lock`, async () => {
    const file = await readAuthFile(path);
    const changed: AuthFile = { ...file, auths: change(file.auths ?? {}) };
    await writeFileAtomic(path, `${JSON.stringify(changed, undefined, 2)}\n`, { mode: 0o600 });
  });
}

async function readAuthFile(path: string): Promise<AuthFile> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return {};
    throw unreadable(path, error);
  }
  return parseAuthFile(text, path);
}

function parseAuthFile(text: string, path: string): AuthFile {
  let document: unknown;
  try {
    document = JSON.parse(text.trim() === "" ? "{}" : text);
  } catch {
    throw unreadable(path, "it is not JSON"); // the parser's message would quote what may be a password
  }
  const { auths, ...others } = toRecord(document);
  return auths === undefined ? others : { ...others, auths: toRecord(auths) };
}

function unreadable(path: string, cause: unknown): InputError {
  return new InputError(`Cannot read logins from "${path}": ${messageOf(cause)}`, {
    cause,
    hint: "Correct the file, or remove it and log in again",
  });
}

function toRecord(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
