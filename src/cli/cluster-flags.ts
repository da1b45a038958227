import { join } from "node:path";

import { InputError } from "../base/error.ts";
import type { SshSettings } from "../cluster/cluster.ts";
import { Secret } from "../base/secret.ts";
import { toEnvironment } from "../oci/image-config.ts";
import type { FlagSpecs, FlagValues } from "./flag.ts";

export const CLUSTER_FLAG = {
  cluster: { type: "string", short: "c", value: "NAME", default: "default", help: "Name of the cluster" },
} as const satisfies FlagSpecs;

export const HOST_FLAGS = {
  masters: {
    type: "string",
    value: "HOSTS",
    default: "",
    help: "Control planes: 10.0.0.1,10.0.0.2:2222,10.0.0.4-10.0.0.6",
  },
  nodes: { type: "string", value: "HOSTS", default: "", help: "Workers, written likewise" },
} as const satisfies FlagSpecs;

export const SSH_FLAGS = {
  user: { type: "string", short: "u", value: "NAME", help: "Login: root, or a user who may sudo" },
  passwd: { type: "string", short: "p", value: "PASSWORD", help: "Password of the login, and for sudo" },
  pk: { type: "string", short: "i", value: "FILE", help: "Private key; default: what OpenSSH uses" },
  "pk-passwd": { type: "string", value: "PASSPHRASE", help: "Passphrase of the private key" },
  port: { type: "integer", value: "PORT", help: "SSH port of hosts that name none" },
} as const satisfies FlagSpecs;

export const IMAGE_RUN_FLAGS = {
  env: { type: "array", short: "e", value: "NAME=VALUE", help: "Environment of the images of this command" },
  cmd: { type: "array", value: "LINE", help: "Shell line that replaces the CMD of the first image" },
  "config-file": { type: "array", value: "FILE", help: "File with Config objects and kubeadm documents" },
} as const satisfies FlagSpecs;

export const CONVERGE_FLAGS = {
  force: { type: "boolean", short: "f", help: "Run the images' commands again although they have run" },
  "dry-run": {
    type: "string",
    value: "HOW",
    choices: ["true", "unseen", "false"],
    bare: "true",
    default: "false",
    help: "Say what would be done, and change nothing; unseen: without contacting the hosts, as if they were empty",
  },
} as const satisfies FlagSpecs;

export function toDryRun(flag: FlagValues<typeof CONVERGE_FLAGS>["dry-run"]): false | "seen" | "unseen" {
  if (flag === "false") return false;
  return flag === "unseen" ? "unseen" : "seen";
}

export const SELECTION_FLAGS = {
  roles: { type: "list", short: "r", value: "ROLES", help: "Hosts with one of these roles" },
  ips: { type: "list", value: "HOSTS", help: "Hosts by address; wins over --roles" },
} as const satisfies FlagSpecs;

export function toSshSettings(flags: FlagValues<typeof SSH_FLAGS>, home: string): SshSettings {
  return {
    user: flags.user,
    password: toSecret(flags.passwd),
    privateKeyFile: flags.pk?.startsWith("~/") ? join(home, flags.pk.slice(2)) : flags.pk,
    passphrase: toSecret(flags["pk-passwd"]),
    port: flags.port,
  };
}

/**
 * `NAME=value` entries. Commas separate entries where another `NAME=` follows, so that values may hold commas too.
 * @throws {InputError}
 */
export function parseEnvironment(entries: readonly string[]): Record<string, string> {
  const pieces = entries.flatMap((entry) => entry.split(/,(?=[A-Za-z_]\w*=)/));
  const wrong = pieces.find((piece) => !/^[A-Za-z_]\w*=/.test(piece));
  if (wrong === undefined) return toEnvironment(pieces);
  throw new InputError(`Cannot read the environment "${wrong}": expected NAME=value`);
}

function toSecret(text: string | undefined): Secret | undefined {
  return text === undefined || text === "" ? undefined : new Secret(text);
}
