import type { Secret } from "../../base/secret.ts";
import type { RunNetwork } from "./run-flags.ts";

/** What the user says about all commands of a build. */
export interface RunSettings {
  /** By the name that `--mount=type=secret` has for them. */
  readonly secrets: ReadonlyMap<string, SecretSource>;
  /** By the name that `--mount=type=ssh` has for them: the socket of an agent, or files with keys. */
  readonly agents: ReadonlyMap<string, readonly string[]>;
  /** Folders of this machine that every command sees. */
  readonly volumes: readonly Volume[];
  /** Where a RUN does not say it itself. */
  readonly network: RunNetwork;
  /** True: no command has a network, whatever it says itself. */
  readonly isOffline: boolean;
  readonly names: NameResolution;
  readonly limits: readonly ResourceLimit[];
  readonly capabilities: CapabilityChange;
  /** Groups that the user of every command has too, by name or number. */
  readonly groups: readonly string[];
  /** Of /dev/shm; undefined: 64 MiB. */
  readonly shmSizeBytes: number | undefined;
  /** Variables for the commands alone: no cache key and no image has them. */
  readonly proxies: Readonly<Record<string, string>>;
}

export type SecretSource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "value"; readonly value: Secret };

export interface Volume {
  readonly source: string;
  readonly target: string;
  readonly isWritable: boolean;
}

/** What /etc/hosts and /etc/resolv.conf say to commands. */
export interface NameResolution {
  /** False: /etc/hosts is that of the image. */
  readonly writesHosts: boolean;
  readonly hosts: readonly HostName[];
  /** Undefined: those of this machine; "none": /etc/resolv.conf is that of the image. */
  readonly servers: readonly string[] | "none" | undefined;
  readonly searches: readonly string[] | undefined;
  readonly options: readonly string[] | undefined;
}

export interface HostName {
  readonly name: string;
  readonly address: string;
}

export interface ResourceLimit {
  /** As `prlimit` calls it, for instance `nofile`. */
  readonly name: string;
  readonly soft: string;
  readonly hard: string;
}

/** Names in lower case without `cap_`, or `all`. */
export interface CapabilityChange {
  readonly added: readonly string[];
  readonly dropped: readonly string[];
}

/** The network of a command that may say what it wants. */
export function networkOf(wanted: RunNetwork | undefined, { network, isOffline }: RunSettings): RunNetwork {
  return isOffline ? "none" : (wanted ?? network);
}

export const DEFAULT_RUN_SETTINGS: RunSettings = {
  secrets: new Map(),
  agents: new Map(),
  volumes: [],
  network: "default",
  isOffline: false,
  names: { writesHosts: true, hosts: [], servers: undefined, searches: undefined, options: undefined },
  limits: [],
  capabilities: { added: [], dropped: [] },
  groups: [],
  shmSizeBytes: undefined,
  proxies: {},
};
