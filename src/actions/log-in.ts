import type { Context } from "../base/context.ts";
import { NotFoundError } from "../base/error.ts";
import { credentialsFromFiles, removeCredentials, storeCredentials } from "../registry/client/auth-file.ts";
import type { Credentials } from "../registry/client/credentials.ts";
import type { RemoteRegistry } from "../registry/client/remote-registry.ts";

export interface LoginRequest {
  /** The registry, or a part of it that the login is for: `quay.io/project`. */
  readonly key: string;
  readonly credentials: Credentials;
  /** Connected with these credentials. */
  readonly registry: RemoteRegistry;
  readonly authFile: string;
}

/** Keeps a login after the registry has accepted it. @throws {RegistryError} when it has not. */
export async function logIn(ctx: Context, { key, credentials, registry, authFile }: LoginRequest): Promise<void> {
  await registry.checkLogin(ctx);
  await storeCredentials(ctx, authFile, { key, credentials });
}

/** The user of a login that is kept. @throws {NotFoundError} LOGIN_NOT_FOUND */
export async function findUser(
  ctx: Context,
  { key, authFiles }: { key: string; authFiles: readonly string[] },
): Promise<string> {
  const [registry = "", ...path] = key.split("/");
  const found = await credentialsFromFiles(authFiles)(ctx, { registry, repository: path.join("/") });
  if (found?.kind === "password") return found.username;
  const state = found ? "the login is a token, which has no user" : "there is no login";
  throw new NotFoundError("LOGIN_NOT_FOUND", `Cannot tell who is logged in to "${key}": ${state}`, {
    hint: `Log in with \`sealos login ${key}\``,
  });
}

/** Forgets a login. @returns the files that had it. */
export async function logOut(
  ctx: Context,
  { key, authFiles }: { key: string; authFiles: readonly string[] },
): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const file of authFiles) if (await removeCredentials(ctx, file, key)) changed.push(file);
  return changed;
}
