import { homedir } from "node:os";
import { join } from "node:path";

import { InputError } from "../base/error.ts";
import { toArchitecture, type Platform } from "../oci/platform.ts";
import { authFilePaths } from "../registry/client/auth-file-paths.ts";

/** Everything that the environment decides, read once. */
export interface Settings {
  /** Where clusters are remembered on this machine. */
  readonly runtimeRoot: string;
  /** Where hosts keep a cluster. */
  readonly dataRoot: string;
  /** The image store. */
  readonly storeRoot: string;
  /** What can be fetched or made again. */
  readonly cacheRoot: string;
  /** Files with registry credentials: the first is written, all are read. */
  readonly authFiles: readonly [string, ...string[]];
  /** Seconds; the time of everything that is built. */
  readonly sourceDateEpoch: number | undefined;
  /** Nobody but this machine and the hosts of a cluster is asked for anything. */
  readonly isOffline: boolean;
  readonly home: string;
  /** The user's own configuration of other tools. */
  readonly configHome: string;
  readonly workingDirectory: string;
  readonly platform: Platform;
  readonly userId: number;
  readonly hasColor: boolean;
  /** Lines can be redrawn in place, if there is a terminal at all. */
  readonly canRedraw: boolean;
  /** Everything else of the environment, for what names a variable, such as `--build-arg NAME`. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** One variable that sealos reads. */
export interface SettingVariable {
  readonly name: string;
  readonly description: string;
  readonly value: string;
}

/** What of the process the settings depend on. */
export interface ProcessFacts {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly userId: number;
  readonly architecture: string;
}

/** @throws {InputError} when a variable has a value that it cannot have. */
export function readSettings({ variables, workingDirectory, userId, architecture }: ProcessFacts): Settings {
  const read = (name: string): string | undefined => variables[name] || undefined;
  const home = read("HOME") ?? homedir();
  const dataHome = read("XDG_DATA_HOME") ?? join(home, ".local/share");
  const storeRoot = userId === 0 ? "/var/lib/sealos/images" : join(dataHome, "sealos/images");
  return {
    runtimeRoot: read("SEALOS_RUNTIME_ROOT") ?? join(home, ".sealos"),
    dataRoot: read("SEALOS_DATA_ROOT") ?? "/var/lib/sealos",
    storeRoot: read("SEALOS_STORE") ?? storeRoot,
    cacheRoot: read("SEALOS_CACHE") ?? join(read("XDG_CACHE_HOME") ?? join(home, ".cache"), "sealos"),
    authFiles: authFilePaths({ variables, home, userId }),
    sourceDateEpoch: parseEpoch(read("SOURCE_DATE_EPOCH")),
    isOffline: isSwitchedOn(read("SEALOS_OFFLINE")),
    home,
    configHome: read("XDG_CONFIG_HOME") ?? join(home, ".config"),
    workingDirectory,
    platform: { os: "linux", architecture: toArchitecture(architecture) },
    userId,
    canRedraw: read("CI") === undefined && read("TERM") !== "dumb",
    hasColor: read("NO_COLOR") === undefined && read("TERM") !== "dumb",
    variables,
  };
}

/** The variables with what they come to, for `sealos env`. */
export function describeSettings(settings: Settings): readonly SettingVariable[] {
  return [
    {
      name: "SEALOS_RUNTIME_ROOT",
      value: settings.runtimeRoot,
      description: "Folder on this machine that remembers clusters: their Clusterfile, logins and known hosts",
    },
    { name: "SEALOS_DATA_ROOT", value: settings.dataRoot, description: "Folder on every host that holds the cluster" },
    { name: "SEALOS_STORE", value: settings.storeRoot, description: "The image store, an OCI image layout" },
    {
      name: "SEALOS_CACHE",
      value: settings.cacheRoot,
      description: "Folder of what can be fetched or made again; it can be removed at any time",
    },
    {
      name: "REGISTRY_AUTH_FILE",
      value: settings.authFiles[0],
      description: "File with registry credentials, as docker and podman write it",
    },
    {
      name: "SOURCE_DATE_EPOCH",
      value: String(settings.sourceDateEpoch ?? ""),
      description: "Time of images and of the files in them, in seconds since 1970; unset means 0",
    },
    {
      name: "SEALOS_OFFLINE",
      value: settings.isOffline ? "1" : "",
      description: "1: ask no registry and no other server, as --offline does",
    },
    { name: "NO_COLOR", value: settings.hasColor ? "" : "1", description: "Any value: no colours on the terminal" },
  ];
}

/** As other tools read a variable that is a switch. */
function isSwitchedOn(text: string | undefined): boolean {
  return text !== undefined && !["0", "false", "no", "off"].includes(text.toLowerCase());
}

function parseEpoch(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new InputError(`Cannot use SOURCE_DATE_EPOCH "${text}": expected whole seconds since 1970`);
}
