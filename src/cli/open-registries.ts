import { join } from "node:path";

import { UsageError } from "../base/error.ts";
import { Secret } from "../base/secret.ts";
import type { ImageReader, ImageTarget } from "../oci/content.ts";
import type { Reference } from "../oci/reference.ts";
import { credentialsFromFiles } from "../registry/client/auth-file.ts";
import type { Credentials, FindCredentials } from "../registry/client/credentials.ts";
import { MirroredRepository } from "../registry/client/mirrored-repository.ts";
import { RemoteRegistry, type RemoteRegistryOptions } from "../registry/client/remote-registry.ts";
import { RemoteRepository } from "../registry/client/remote-repository.ts";
import { UploadFolder } from "../registry/client/upload-sessions.ts";
import { findCertificates, readCertificates } from "../registry/config/certificates.ts";
import { loadRegistriesConfig } from "../registry/config/load-registries-config.ts";
import type { RegistriesConfig } from "../registry/config/registries-config.ts";
import { readPlaces, writePlace, type RepositoryPlace } from "../registry/config/repository-places.ts";
import { meaningsOf } from "../registry/config/short-names.ts";
import type { RegistryOptions } from "./registry-flags.ts";
import type { Settings } from "./settings.ts";

/** The registries of one command; each has its connections and its login. */
export interface Registries extends AsyncDisposable {
  /** What names without a registry may mean, the likeliest first. */
  meaningsOf(name: string): readonly [Reference, ...Reference[]];
  /** To read: from its mirrors, too. */
  openRepository(reference: Pick<Reference, "registry" | "repository">): ImageReader;
  /** To write: as it is named. */
  openDestination(reference: Pick<Reference, "registry" | "repository">): ImageTarget;
  /** @param name host and port, as images name it. */
  openRegistry(name: string): RemoteRegistry;
}

type RegistrySettings = Pick<Settings, "authFiles" | "cacheRoot" | "configHome" | "isOffline" | "variables">;

const SYSTEM_FOLDER = "/etc/containers";

/** A mirror that does not answer is left soon: there is another place to ask. */
const MIRROR_RETRY = { attempts: 2, firstDelayMs: 250 };

/** @throws {UsageError} when the flags cannot be used, {InputError} when registries.conf cannot. */
export async function openRegistries(options: RegistryOptions, settings: RegistrySettings): Promise<Registries> {
  const config = await loadRegistriesConfig({
    file: options["registries-conf"] ?? (settings.variables["CONTAINERS_REGISTRIES_CONF"] || undefined),
    folder: options["registries-conf-dir"],
    userFolder: join(settings.configHome, "containers"),
    systemFolder: SYSTEM_FOLDER,
  });
  return new ConfiguredRegistries(config, connectionOptions(options, settings));
}

/** How one registry is connected to, whichever it is. */
export function connectionOptions(
  options: Pick<RegistryOptions, "authfile" | "cert-dir" | "creds" | "offline" | "tls-verify">,
  { authFiles, cacheRoot, configHome, isOffline, variables }: RegistrySettings,
): (name: string) => RemoteRegistryOptions {
  const { "cert-dir": folder, authfile, creds } = options;
  const folders = [join(configHome, "containers/certs.d"), `${SYSTEM_FOLDER}/certs.d`, "/etc/docker/certs.d"];
  const given = creds === undefined ? undefined : parseCredentials(creds);
  const findCredentials: FindCredentials = given
    ? () => Promise.resolve(given)
    : credentialsFromFiles(authfile === undefined ? authFiles : [authfile]);
  const sessions = new UploadFolder(join(cacheRoot, "uploads"));
  return (name) => ({
    sessions,
    verifyTls: options["tls-verify"],
    findCredentials,
    findCertificates: () => (folder === undefined ? findCertificates(folders, name) : readCertificates(folder)),
    proxyEnvironment: variables,
    isOffline: isOffline || options.offline,
  });
}

class ConfiguredRegistries implements Registries {
  readonly #config: RegistriesConfig;
  readonly #optionsFor: (name: string) => RemoteRegistryOptions;
  readonly #opened = new Map<string, RemoteRegistry>();

  constructor(config: RegistriesConfig, optionsFor: (name: string) => RemoteRegistryOptions) {
    this.#config = config;
    this.#optionsFor = optionsFor;
  }

  meaningsOf(name: string): readonly [Reference, ...Reference[]] {
    return meaningsOf(this.#config, name);
  }

  openRepository(reference: Reference): ImageReader {
    const { mirrors, origin } = readPlaces(this.#config, reference);
    const source = this.#repository(origin);
    if (mirrors.length === 0) return source;
    const opened = mirrors.map(({ pulls, ...place }) => ({
      name: `${place.registry}/${place.repository}`,
      content: this.#repository(place, { retry: MIRROR_RETRY }),
      hasTags: pulls !== "digest-only",
      hasDigests: pulls !== "tag-only",
    }));
    return new MirroredRepository(opened, source);
  }

  openDestination(reference: Reference): ImageTarget {
    return this.#repository(writePlace(this.#config, reference));
  }

  openRegistry(name: string): RemoteRegistry {
    return this.#open(writePlace(this.#config, { registry: name, repository: "" }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const registry of this.#opened.values()) registry.close();
  }

  #repository(place: RepositoryPlace, more: RemoteRegistryOptions = {}): RemoteRepository {
    return new RemoteRepository(this.#open(place, more), place.repository);
  }

  #open({ registry: name, insecure }: RepositoryPlace, more: RemoteRegistryOptions = {}): RemoteRegistry {
    const key = JSON.stringify([name, insecure, more]);
    const found = this.#opened.get(key);
    if (found) return found;
    const opened = new RemoteRegistry(name, {
      ...this.#optionsFor(name),
      ...(insecure && { verifyTls: false }),
      ...more,
    });
    this.#opened.set(key, opened);
    return opened;
  }
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
