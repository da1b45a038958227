import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { InputError, messageOf, UsageError } from "../base/error.ts";
import { Secret } from "../base/secret.ts";
import type { ImageTarget } from "../oci/content.ts";
import type { Reference } from "../oci/reference.ts";
import { credentialsFromFiles } from "../registry/client/auth-file.ts";
import type { Credentials, FindCredentials } from "../registry/client/credentials.ts";
import { RemoteRegistry } from "../registry/client/remote-registry.ts";
import { RemoteRepository } from "../registry/client/remote-repository.ts";
import type { RegistryOptions } from "./registry-flags.ts";
import type { Settings } from "./settings.ts";

/** The registries of one command; each has its connections and its login. */
export interface Registries extends AsyncDisposable {
  openRepository(reference: Reference): ImageTarget;
  /** @param name host and port, as images name it. */
  openRegistry(name: string): RemoteRegistry;
}

/** @throws {UsageError} when the flags cannot be used. */
export async function openRegistries(
  options: RegistryOptions,
  { authFiles, variables }: Pick<Settings, "authFiles" | "variables">,
): Promise<Registries> {
  const registries = new Map<string, RemoteRegistry>();
  const given = options.creds === undefined ? undefined : parseCredentials(options.creds);
  const findCredentials: FindCredentials = given
    ? () => Promise.resolve(given)
    : credentialsFromFiles(options.authfile === undefined ? authFiles : [options.authfile]);
  const authorities =
    options["cert-dir"] === undefined ? {} : { authorities: await readAuthorities(options["cert-dir"]) };
  const openRegistry = (name: string): RemoteRegistry => {
    const registry =
      registries.get(name) ??
      new RemoteRegistry(name, {
        verifyTls: options["tls-verify"],
        findCredentials,
        proxyEnvironment: variables,
        ...authorities,
      });
    registries.set(name, registry);
    return registry;
  };
  return {
    openRepository: ({ registry, repository }) => new RemoteRepository(openRegistry(registry), repository),
    openRegistry,
    async [Symbol.asyncDispose]() {
      for (const registry of registries.values()) registry.close();
    },
  };
}

function parseCredentials(text: string): Credentials {
  const colon = text.indexOf(":");
  if (colon <= 0) {
    throw new UsageError("Cannot use --creds: expected USER:PASSWORD", {
      hint: "Or log in once and leave --creds out",
    });
  }
  return { kind: "password", username: text.slice(0, colon), password: new Secret(text.slice(colon + 1)) };
}

/** The certificates of a folder as one text. @throws {InputError} */
export async function readAuthorities(directory: string): Promise<string> {
  try {
    const names = (await readdir(directory)).filter((name) => /\.(?:crt|pem)$/.test(name)).sort();
    const files = await Promise.all(names.map((name) => readFile(join(directory, name), "utf8")));
    return files.join("\n");
  } catch (error) {
    throw new InputError(`Cannot read certificates from "${directory}": ${messageOf(error)}`, { cause: error });
  }
}
