import { isIP } from "node:net";
import { posix, resolve } from "node:path";

import { UsageError } from "../base/error.ts";
import { Secret } from "../base/secret.ts";
import { CAPABILITIES } from "../build/run/capabilities.ts";
import { findMemorySize } from "../build/run/memory-size.ts";
import type { RunNetwork } from "../build/run/run-flags.ts";
import type { HostName, ResourceLimit, RunSettings, SecretSource, Volume } from "../build/run/run-settings.ts";
import type { RUN_FLAGS } from "./build-run-flags.ts";
import type { FlagValues } from "./flag.ts";

type RunFlagValues = FlagValues<typeof RUN_FLAGS>;

/** What of the user's surroundings the flags refer to. */
export interface RunSurroundings {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly isOffline: boolean;
}

/** What the flags of `sealos build` say about RUN. @throws {UsageError} */
export function toRunSettings(flags: RunFlagValues, surroundings: RunSurroundings): RunSettings {
  const { variables, workingDirectory, isOffline } = surroundings;
  const { dns } = flags;
  if (dns.length > 1 && dns.includes("none")) throw invalid("dns", dns.join(","), "addresses, or none alone");
  return {
    secrets: new Map(flags.secret.map((text) => parseSecret(text, surroundings))),
    agents: new Map(flags.ssh.map((text) => parseAgent(text, surroundings))),
    volumes: flags.volume.map((text) => parseVolume(text, workingDirectory)),
    network: parseNetwork(flags.network),
    isOffline,
    names: {
      writesHosts: !flags["no-hosts"],
      hosts: flags["add-host"].map(parseHost),
      servers: dns.length === 0 ? undefined : dns[0] === "none" ? "none" : dns.map(parseServer),
      searches: givenWords("dns-search", flags),
      options: givenWords("dns-option", flags),
    },
    limits: flags.ulimit.map(parseLimit),
    capabilities: {
      added: flags["cap-add"].map((text) => parseCapability("cap-add", text)),
      dropped: flags["cap-drop"].map((text) => parseCapability("cap-drop", text)),
    },
    groups: flags["group-add"].filter((name) => name !== "keep-groups"),
    shmSizeBytes: parseShmSize(flags["shm-size"]),
    proxies: flags["http-proxy"] ? proxiesOf(variables) : {},
  };
}

/** `id=NAME` with `src=FILE` or `env=VARIABLE`; with neither, the variable of that name, else the file. */
function parseSecret(text: string, { variables, workingDirectory }: RunSurroundings): [string, SecretSource] {
  const fields = new Map(
    text.split(",").map((field) => {
      const [key = "", ...value] = field.split("=");
      return [key === "source" ? "src" : key, value.join("=")] as const;
    }),
  );
  const [id, file, variable, type] = ["id", "src", "env", "type"].map((key) => fields.get(key) || undefined);
  const isKnown = [...fields.keys()].every((key) => ["id", "src", "env", "type"].includes(key));
  if (!isKnown || id === undefined || (file !== undefined && variable !== undefined)) {
    throw invalid("secret", text, "id=NAME,src=FILE or id=NAME,env=VARIABLE");
  }
  if (type !== undefined && type !== "file" && type !== "env") throw invalid("secret", text, "type=file or type=env");
  // BuildKit's habit: with type=env the source is the name of a variable.
  const name = variable ?? (type === "env" ? (file ?? id) : undefined);
  const isImplied = file === undefined && type === undefined && variables[id] !== undefined;
  if (name === undefined && !isImplied) return [id, { kind: "file", path: resolve(workingDirectory, file ?? id) }];
  const value = variables[name ?? id];
  if (value === undefined) throw invalid("secret", text, `a variable "${name ?? id}" in the environment`);
  return [id, { kind: "value", value: new Secret(value) }];
}

function parseAgent(
  text: string,
  { variables: { SSH_AUTH_SOCK: socket }, workingDirectory }: RunSurroundings,
): [string, readonly string[]] {
  const [id = "", ...rest] = text.split("=");
  const paths = rest
    .join("=")
    .split(",")
    .filter((path) => path !== "");
  if (id === "") throw invalid("ssh", text, "NAME, NAME=SOCKET or NAME=KEY[,KEY]");
  if (paths.length > 0) return [id, paths.map((path) => resolve(workingDirectory, path))];
  if (socket) return [id, [socket]];
  throw new UsageError(`Cannot give the SSH agent "${id}" to commands: SSH_AUTH_SOCK is not set`, {
    hint: "Start ssh-agent, or name a key: --ssh default=FILE",
  });
}

/** Options that only matter to other builders: labels of SELinux and how mounts spread. */
const VOLUME_HABITS = ["z", "Z", "cached", "delegated", "consistent", "private", "rprivate", "slave", "rslave"];

function parseVolume(text: string, workingDirectory: string): Volume {
  const [source = "", target = "", options = "", ...rest] = text.split(":");
  const words = options.split(",").filter((word) => word !== "" && !VOLUME_HABITS.includes(word));
  const isKnown = words.every((word) => word === "ro" || word === "rw");
  if (!isKnown || rest.length > 0 || source === "" || !target.startsWith("/") || posix.normalize(target) === "/") {
    throw invalid("volume", text, "DIR:/PATH, with :ro or :rw");
  }
  return {
    source: resolve(workingDirectory, source),
    target: posix.normalize(target),
    isWritable: !words.includes("ro"),
  };
}

function parseNetwork(text: string | undefined): RunNetwork {
  if (text === undefined || text === "default" || text === "private") return "default";
  if (text === "none" || text === "host") return text;
  throw invalid("network", text, "default, host or none");
}

function parseHost(text: string): HostName {
  const [, name = "", address = ""] = /^([^:=\s]+)[:=](\S+)$/.exec(text) ?? [];
  const bare = address.replace(/^\[(.*)\]$/, "$1");
  if (name !== "" && isIP(bare) !== 0) return { name, address: bare };
  throw invalid("add-host", text, "NAME:ADDRESS");
}

function parseServer(text: string): string {
  if (isIP(text) !== 0) return text;
  throw invalid("dns", text, "an IP address");
}

function givenWords(flag: "dns-search" | "dns-option", flags: RunFlagValues): readonly string[] | undefined {
  const wrong = flags[flag].find((word) => /[\s\0]/.test(word));
  if (wrong !== undefined) throw invalid(flag, wrong, "a word");
  return flags[flag].length === 0 ? undefined : flags[flag];
}

const LIMITS =
  "as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(" ");

function parseLimit(text: string): ResourceLimit {
  const [, name = "", soft = "", hard = soft] =
    /^([a-z]+)=(-1|[0-9]+|unlimited)(?::(-1|[0-9]+|unlimited))?$/.exec(text) ?? [];
  if (LIMITS.includes(name)) return { name, soft: toLimit(soft), hard: toLimit(hard) };
  throw invalid("ulimit", text, `NAME=SOFT[:HARD] with a name of ${LIMITS.join(", ")}`);
}

function toLimit(text: string): string {
  return text === "-1" ? "unlimited" : text;
}

function parseCapability(flag: "cap-add" | "cap-drop", text: string): string {
  const name = text.toLowerCase().replace(/^cap_/, "");
  if (name === "all" || CAPABILITIES.some((known) => known === name)) return name;
  throw invalid(flag, text, "the name of a capability, such as CAP_NET_ADMIN, or ALL");
}

function parseShmSize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const size = findMemorySize(text);
  if (size !== undefined) return size;
  throw invalid("shm-size", text, "a size such as 64m");
}

function proxiesOf(variables: RunSurroundings["variables"]): Record<string, string> {
  const proxies = Object.entries(variables).filter(([name]) => /^(https?|ftp|no|all)_proxy$/i.test(name));
  return Object.fromEntries(proxies.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

function invalid(flag: keyof typeof RUN_FLAGS, text: string, wanted: string): UsageError {
  return new UsageError(`Invalid value "${text}" of --${flag}: expected ${wanted}`);
}
