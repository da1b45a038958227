import { RUN_FLAGS } from "./build-run-flags.ts";
import { flagsNamed, QUIET_FLAG, type FlagSpecs } from "./flag.ts";
import { REGISTRY_FLAGS } from "./registry-flags.ts";

/** What `sealos build` does something with. */
const EFFECTIVE_FLAGS = {
  file: {
    type: "array",
    short: "f",
    value: "FILE",
    help: "Kubefile, from the current folder or the context; a URL, - for stdin; several are read as one",
  },
  tag: {
    type: "array",
    short: "t",
    value: "NAME",
    help: "Name of the image; without a registry it belongs to localhost",
  },
  "build-arg": { type: "array", value: "NAME[=VALUE]", help: "Value of an ARG; without one, that of the environment" },
  "build-arg-file": { type: "array", value: "FILE", help: "File with NAME=VALUE lines; --build-arg wins" },
  "build-context": {
    type: "array",
    value: "NAME=PLACE",
    help: "Another context for COPY --from=NAME; docker-image://IMAGE or oci-layout://DIR[:TAG] for COPY and FROM",
  },
  target: { type: "string", value: "STAGE", help: "Stage to build, by name or number; default: the last one" },
  from: { type: "string", value: "IMAGE", help: "Base image in the place of that of the first FROM" },
  platform: {
    type: "list",
    value: "OS/ARCH",
    help: "Platform of the image, by default that of this machine (local); several make an index",
  },
  "all-platforms": { type: "boolean", help: "Build for all platforms of the base image" },
  os: { type: "string", value: "OS", hidden: true, help: "Operating system of the image" },
  arch: { type: "string", value: "ARCH", hidden: true, help: "Architecture of the image" },
  variant: { type: "string", value: "VARIANT", hidden: true, help: "Variant of the architecture" },
  "os-version": { type: "string", value: "VERSION", hidden: true, help: "Version of the operating system" },
  "os-feature": { type: "array", value: "NAME", hidden: true, help: "What the operating system must have" },
  manifest: { type: "string", value: "NAME", help: "Add the image to this index of the local store" },
  label: { type: "array", value: "NAME=VALUE", help: "Label of the image" },
  env: { type: "array", value: "NAME=VALUE", help: "Environment of the image" },
  unsetenv: { type: "array", value: "NAME", help: "Variable that the image does not get" },
  annotation: { type: "array", value: "NAME=VALUE", help: "Annotation of the manifest" },
  ignorefile: { type: "string", value: "FILE", help: "File with patterns of what not to copy" },
  "save-image": {
    type: "boolean",
    default: true,
    help: "Put the container images that the context names into the image",
  },
  all: { type: "boolean", help: "Of container images for several platforms put all into the image" },
  "max-pull-procs": { type: "integer", value: "COUNT", help: "Container images to pull at once; default: 8" },
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
  "pull-always": { type: "boolean", hidden: true, help: "The same as --pull=always" },
  "pull-never": { type: "boolean", hidden: true, help: "The same as --pull=never" },
  format: { type: "string", value: "KIND", choices: ["oci", "docker"], default: "oci", help: "Type of the manifest" },
  squash: { type: "boolean", help: "Make one layer of all, with those of the base image" },
  "omit-history": { type: "boolean", help: "Leave the history out of the image" },
  "identity-label": { type: "boolean", help: "Label the image with the version of this program" },
  output: {
    type: "array",
    short: "o",
    value: "PLACE",
    help: "Also write a folder (DIR, type=local,dest=DIR), a tar archive (type=tar,dest=FILE, -) or type=oci,dest=FILE",
  },
  "no-cache": { type: "boolean", help: "Make every layer again" },
  "verify-cache": { type: "boolean", help: "Read files again although the system says that they have not changed" },
  "cache-from": {
    type: "array",
    value: "PLACE",
    help: "Take layers from this folder (./DIR) or registry (REFERENCE) too",
  },
  "cache-to": {
    type: "array",
    value: "PLACE",
    help: "Keep the layers in this folder (./DIR) or registry (REFERENCE) too",
  },
  "cache-ttl": { type: "string", value: "TIME", help: "Make layers again that are older than this, for instance 24h" },
  jobs: { type: "integer", value: "COUNT", help: "Stages and platforms to build at once; default: one for each core" },
  "skip-unused-stages": { type: "boolean", default: true, help: "Leave out stages that the target does not need" },
  logfile: { type: "string", value: "FILE", help: "Write progress to this file, not to the terminal" },
  check: { type: "boolean", help: "Check the Kubefile and the context as sealos lint does, and build nothing" },
  "dry-run": {
    type: "string",
    value: "FORMAT",
    choices: ["text", "json", "true", "false"],
    bare: "text",
    default: "false",
    help: "Print what would be done, as text or json, and change nothing",
  },
  ...QUIET_FLAG,
} as const satisfies FlagSpecs;

/** They only matter to RUN, or to what a streaming build does not have. */
const IGNORED_BOOLEANS = [
  "compress",
  "disable-content-trust",
  "force-rm",
  "layers",
  "logsplit",
  "rm",
  "stdin",
] as const;

const IGNORED_STRINGS = [
  "cgroup-parent",
  "cgroupns",
  "cni-config-dir",
  "cni-plugin-path",
  "cpu-period",
  "cpu-quota",
  "cpuset-cpus",
  "cpuset-mems",
  "device",
  "hooks-dir",
  "ipc",
  "isolation",
  "memory-swap",
  "pid",
  "runtime",
  "runtime-flag",
  "security-opt",
  "userns",
  "userns-gid-map",
  "userns-gid-map-group",
  "userns-uid-map",
  "userns-uid-map-user",
  "uts",
] as const;

const IGNORED_STRING = { type: "string", hidden: true, ignored: true, help: "No effect" } as const;

/** They would change the image. */
const UNSUPPORTED_STRINGS = ["cpp-flag", "decryption-key", "sign-by"] as const;

export const BUILD_FLAGS = {
  ...EFFECTIVE_FLAGS,
  ...RUN_FLAGS,
  ...REGISTRY_FLAGS,
  ...flagsNamed(IGNORED_BOOLEANS, { type: "boolean", hidden: true, ignored: true, help: "No effect" }),
  memory: { ...IGNORED_STRING, short: "m" },
  "cpu-shares": { ...IGNORED_STRING, short: "c" },
  ...flagsNamed(IGNORED_STRINGS, IGNORED_STRING),
  ...flagsNamed(UNSUPPORTED_STRINGS, { type: "string", hidden: true, unsupported: true, help: "Not supported" }),
} as const satisfies FlagSpecs;
