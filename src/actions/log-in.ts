import type { Context } from "../base/context.ts";
import { removeCredentials, storeCredentials } from "../registry/client/auth-file.ts";
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

/** Forgets a login. @returns the files that had it. */
export async function logOut(
  ctx: Context,
  { key, authFiles }: { key: string; authFiles: readonly string[] },
): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const file of authFiles) if (await removeCredentials(ctx, file, key)) changed.push(file);
  return changed;
}
