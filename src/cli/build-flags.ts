import { QUIET_FLAG, type BooleanFlag, type FlagSpecs, type StringFlag } from "./flag.ts";
import { REGISTRY_FLAGS } from "./registry-flags.ts";

/** What `sealos build` does something with. */
const EFFECTIVE_FLAGS = {
  file: {
    type: "array",
    short: "f",
    value: "FILE",
    help: "Kubefile, from the current folder or the context; - for stdin",
  },
  tag: {
    type: "array",
    short: "t",
    value: "NAME",
    help: "Name of the image; without a registry it belongs to localhost",
  },
  "build-arg": { type: "array", value: "NAME[=VALUE]", help: "Value of an ARG; without one, that of the environment" },
  "build-context": { type: "array", value: "NAME=DIR", help: "Another folder that COPY --from=NAME takes files from" },
  target: { type: "string", value: "STAGE", help: "Stage to build, by name or number; default: the last one" },
  platform: { type: "string", value: "OS/ARCH", help: "Platform of the image; default: that of this machine" },
  label: { type: "array", value: "NAME=VALUE", help: "Label of the image" },
  env: { type: "array", value: "NAME=VALUE", help: "Environment of the image" },
  annotation: { type: "array", value: "NAME=VALUE", help: "Annotation of the manifest" },
  ignorefile: { type: "string", value: "FILE", help: "File with patterns of what not to copy" },
  "save-image": {
    type: "boolean",
    default: true,
    help: "Put the container images that the context names into the image",
  },
  "disable-compression": {
    type: "boolean",
    short: "D",
    default: true,
    hidden: true,
    help: "With false: --compression gzip",
  },
  compression: {
    type: "string",
    value: "KIND",
    choices: ["none", "gzip", "zstd"],
    help: "Compression of the layers, by default none",
  },
  timestamp: { type: "integer", value: "SECONDS", help: "Time of the image and of its files, in seconds since 1970" },
  pull: {
    type: "string",
    value: "WHEN",
    choices: ["true", "false", "missing", "always", "never", "newer", "ifnewer"],
    bare: "true",
    default: "missing",
    help: "When registries are asked for base images",
  },
  iidfile: { type: "string", value: "FILE", help: "Write the image ID to this file" },
  ...QUIET_FLAG,
  format: { type: "string", choices: ["oci"], default: "oci", help: "Type of the manifest" },
} as const satisfies FlagSpecs;

/** They only matter to RUN, to a build cache, or to what a streaming build does not have. */
const IGNORED_BOOLEANS = [
  "compress",
  "disable-content-trust",
  "force-rm",
  "http-proxy",
  "identity-label",
  "layers",
  "logsplit",
  "no-cache",
  "no-hosts",
  "rm",
  "skip-unused-stages",
  "stdin",
] as const;

const IGNORED_STRINGS = [
  "add-host",
  "cache-from",
  "cache-to",
  "cache-ttl",
  "cap-add",
  "cap-drop",
  "cgroup-parent",
  "cgroupns",
  "cpu-period",
  "cpu-quota",
  "cpu-shares",
  "cpuset-cpus",
  "cpuset-mems",
  "device",
  "dns",
  "dns-option",
  "dns-search",
  "group-add",
  "hooks-dir",
  "ipc",
  "isolation",
  "jobs",
  "logfile",
  "max-pull-procs",
  "memory",
  "memory-swap",
  "network",
  "os-feature",
  "os-version",
  "pid",
  "runtime",
  "runtime-flag",
  "security-opt",
  "shm-size",
  "ulimit",
  "userns",
  "userns-gid-map",
  "userns-gid-map-group",
  "userns-uid-map",
  "userns-uid-map-user",
  "uts",
] as const;

/** They would change the image. */
const UNSUPPORTED_BOOLEANS = ["all", "all-platforms", "omit-history", "pull-always", "pull-never", "squash"] as const;
const UNSUPPORTED_STRINGS = [
  "arch",
  "build-arg-file",
  "cpp-flag",
  "decryption-key",
  "from",
  "manifest",
  "os",
  "output",
  "secret",
  "sign-by",
  "ssh",
  "unsetenv",
  "variant",
  "volume",
] as const;

export const BUILD_FLAGS = {
  ...EFFECTIVE_FLAGS,
  ...REGISTRY_FLAGS,
  ...flagsNamed(IGNORED_BOOLEANS, { type: "boolean", hidden: true, ignored: true, help: "No effect" }),
  ...flagsNamed(IGNORED_STRINGS, { type: "string", hidden: true, ignored: true, help: "No effect" }),
  ...flagsNamed(UNSUPPORTED_BOOLEANS, { type: "boolean", hidden: true, unsupported: true, help: "Not supported" }),
  ...flagsNamed(UNSUPPORTED_STRINGS, { type: "string", hidden: true, unsupported: true, help: "Not supported" }),
} as const satisfies FlagSpecs;

function flagsNamed<Spec extends BooleanFlag | StringFlag>(names: readonly string[], spec: Spec): Record<string, Spec> {
  return Object.fromEntries(names.map((name) => [name, spec]));
}
