import { quoteWord } from "../../hosts/command.ts";
import type { ResourceLimit } from "./run-settings.ts";
import { secretPath, type BindMountPoint, type SandboxMount, type SandboxSecret } from "./sandbox-mount.ts";

/** All about the process that runs a command. Targets are paths without links, relative to its root. */
export interface Sandbox {
  /** The folder with `root`, and for overlay isolation `upper`, `work`, and `0`, `1`, … for the layers. */
  readonly folder: string;
  /** How many layers there are, the topmost is `0`; undefined: `root` has all files already. */
  readonly layers: number | undefined;
  readonly mounts: readonly SandboxMount[];
  /** The script reads them from its standard input, one after the other. */
  readonly secrets: readonly SandboxSecret[];
  readonly shmSizeBytes: number;
  /** False: sysfs and the mounts below it are those of this machine. */
  readonly ownsSystem: boolean;
  /** False: the command is alone with a loopback device. */
  readonly hasNetwork: boolean;
  readonly user: SandboxUser;
  /** In lower case without `cap_`. */
  readonly capabilities: readonly string[];
  readonly limits: readonly ResourceLimit[];
  readonly environment: ReadonlyMap<string, string>;
  readonly workingDirectory: string;
  readonly argv: readonly string[];
}

export interface SandboxUser {
  readonly uid: number;
  readonly gid: number;
  /** Besides `gid`; undefined where a process cannot change its groups. */
  readonly groups: readonly number[] | undefined;
}

/** Before an argv: a program that is killed when its parent is gone, even when that was killed. */
export const ENDS_WITH_PARENT = ["setpriv", "--pdeathsig", "KILL"] as const;

/** The program that makes the namespaces and runs the script in them: it ends with the command's exit code. */
export function sandboxArgv({ hasNetwork }: Sandbox, script: string): readonly [string, ...string[]] {
  const network = hasNetwork ? [] : ["--net"];
  return [
    ...ENDS_WITH_PARENT,
    "unshare",
    ..."--mount --pid --ipc --uts --propagation private --fork --kill-child".split(" "),
    ...network,
    "sh",
    script,
  ];
}

/** The file that is there as soon as the command itself is about to start. */
export const STARTED_FILE = "started";

/** The name of the machine, as far as commands can see it. */
export const HOST_NAME = "build";

/** Those of this machine that the script cannot do without. */
const PROGRAMS = ["env", "mount", "prlimit", "setpriv", "unshare"];

/** What the script says behind the name of a program that it does not find. */
export const NOT_INSTALLED = " is not installed";

const DEVICES = ["null", "zero", "full", "random", "urandom", "tty"];

/**
 * The script that is the first process of the namespaces: it mounts what the command sees, makes that its root, and
 * becomes the command. Programs of this machine are found before the command's own variables are set.
 */
export function renderSandboxScript(sandbox: Sandbox): string {
  const { folder, mounts } = sandbox;
  return [
    "set -e",
    "umask 022",
    ...PROGRAMS.map(
      (program) => `${program}=$(command -v ${program}) || { echo ${program}${NOT_INSTALLED}; exit 127; }`,
    ),
    `cd ${quoteWord(folder)}`,
    ...rootLines(sandbox),
    ...systemLines(sandbox),
    ...PROTECTION,
    ...deviceLines(sandbox),
    ...secretLines(sandbox.secrets),
    ...mounts.flatMap(mountLines),
    `hostname ${HOST_NAME} 2>/dev/null || true`,
    ...(sandbox.hasNetwork ? [] : ["ip link set lo up 2>/dev/null || true"]),
    ...variableLines(sandbox.secrets),
    `: > ${STARTED_FILE}`,
    "cd root",
    "mount -n --move . /",
    ...environmentLines(sandbox.environment),
    `exec ${programLine(sandbox)} </dev/null`,
    "",
  ].join("\n");
}

/** The last thing is the command, as its user, in its folder. */
function programLine({ environment, limits, capabilities, user, workingDirectory, argv }: Sandbox): string {
  const limit = limits.length === 0 ? [] : ['"$prlimit"', ...limits.map(renderLimit)];
  const bounding = ["-all", ...capabilities.map((name) => `+${name}`)].join(",");
  const userId = user.uid === 0 ? [] : [`--setuid=${user.uid}`];
  const words = [
    '"$env" -u _ -u SHLVL',
    ...oddVariables(environment),
    ...limit,
    `"$setpriv" --inh-caps=-all --bounding-set=${bounding}`,
    ...groupFlags(user),
    `"$unshare" --root=. --wd=${quoteWord(workingDirectory)}`,
    ...userId,
    "--",
    ...argv.map(quoteWord),
  ];
  return words.join(" ");
}

function rootLines({ layers }: Sandbox): string[] {
  if (layers === undefined) return ["mount --bind root root"];
  const lower = Array.from({ length: layers }, (_, index) => index).join(":");
  return [`mount -t overlay -o userxattr,lowerdir=${lower},upperdir=upper,workdir=work overlay root`];
}

/** A namespace may only have a /proc of its own where it sees all of the machine's. */
function systemLines({ ownsSystem }: Sandbox): string[] {
  const sys = ownsSystem
    ? "mount -t sysfs -o ro,nosuid,nodev,noexec sysfs root/sys"
    : "mount --rbind /sys root/sys && mount -o remount,bind,ro root/sys";
  return ["mount -t proc -o nosuid,nodev,noexec proc root/proc || mount --rbind /proc root/proc", sys];
}

const READ_ONLY = ["asound", "bus", "fs", "irq", "sys", "sysrq-trigger"].map((name) => `root/proc/${name}`);

const HIDDEN = [
  ...["acpi", "kcore", "keys", "latency_stats", "sched_debug", "scsi", "timer_list"].map((name) => `root/proc/${name}`),
  "root/sys/devices/virtual/powercap",
  "root/sys/firmware",
];

/** Of these the kernel has no namespaces: root of a command would read and change this machine's. */
const PROTECTION = [
  `for path in ${READ_ONLY.join(" ")}; do
  [ ! -e $path ] || { mount --bind $path $path; mount -o remount,bind,ro,nosuid,nodev,noexec $path; }
done`,
  `for path in ${HIDDEN.join(" ")}; do
  if [ -d $path ]; then mount -t tmpfs -o ro tmpfs $path
  elif [ -e $path ]; then mount --bind /dev/null $path; fi
done`,
];

function deviceLines({ shmSizeBytes }: Sandbox): string[] {
  return [
    "mount -t tmpfs -o mode=755,nosuid,size=65536k tmpfs root/dev",
    "mkdir root/dev/pts root/dev/shm root/dev/mqueue",
    `for device in ${DEVICES.join(" ")}; do : > root/dev/$device; mount --bind /dev/$device root/dev/$device; done`,
    "mount -t devpts -o nosuid,noexec,newinstance,ptmxmode=0666,mode=0620 devpts root/dev/pts",
    `mount -t tmpfs -o mode=1777,nosuid,nodev,noexec,size=${shmSizeBytes} tmpfs root/dev/shm`,
    "mount -t mqueue -o nosuid,nodev,noexec mqueue root/dev/mqueue",
    "ln -s pts/ptmx root/dev/ptmx",
    "ln -s /proc/self/fd root/dev/fd",
    "for number in 0 1 2; do set -- stdin stdout stderr; shift $number; ln -s /proc/self/fd/$number root/dev/$1; done",
  ];
}

/** A memory file system that is seen here only. */
function secretLines(secrets: readonly SandboxSecret[]): string[] {
  if (secrets.length === 0) return [];
  const files = secrets.flatMap(({ content, access: { mode, uid, gid } }, index) => {
    const path = secretPath(index);
    const size = content.byteLength;
    const read = size === 0 ? `: > ${path}` : `dd of=${path} bs=${size} count=1 iflag=fullblock 2>/dev/null`;
    return [read, `chmod ${mode.toString(8)} ${path}`, `chown ${uid}:${gid} ${path}`];
  });
  return ["mkdir secrets", "mount -t tmpfs -o mode=700 tmpfs secrets", ...files];
}

function mountLines(mount: SandboxMount): string[] {
  const target = quoteWord(`root/${mount.target}`);
  if (mount.kind === "tmpfs") {
    return [`mkdir -p ${target}`, `mount -t tmpfs -o ${mount.options} tmpfs ${target}`];
  }
  return [...accessLines(mount), ...bindLines(mount, target)];
}

function accessLines({ source, access }: BindMountPoint): string[] {
  if (access === undefined) return [];
  const path = quoteWord(source);
  return [`chmod ${access.mode.toString(8)} ${path}`, `chown ${access.uid}:${access.gid} ${path}`];
}

/** What a user namespace does not let be made read-only is at least nobody's but this command's. */
function bindLines({ source, isFolder, isWritable }: BindMountPoint, target: string): string[] {
  const make = isFolder ? `mkdir -p ${target}` : `{ mkdir -p "$(dirname ${target})" && : > ${target}; }`;
  return [
    `[ -e ${target} ] || ${make}`,
    `mount --bind ${quoteWord(source)} ${target}`,
    ...(isWritable ? [] : [`mount -o remount,bind,ro ${target}`]),
  ];
}

/** The dot keeps line breaks at the end, which a shell takes away. */
function variableLines(secrets: readonly SandboxSecret[]): string[] {
  return secrets.flatMap(({ variable }, index) =>
    variable === undefined
      ? []
      : [`${variable}=$(cat ${secretPath(index)}; echo .)`, `export ${variable}="\${${variable}%.}"`],
  );
}

/** A shell can only set variables with such names; `env` sets the others. */
const SHELL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

function environmentLines(environment: ReadonlyMap<string, string>): string[] {
  const named = [...environment].filter(([name]) => SHELL_NAME.test(name));
  return ["unset PWD OLDPWD LC_ALL PATH", ...named.map(([name, value]) => `export ${name}=${quoteWord(value)}`)];
}

function oddVariables(environment: ReadonlyMap<string, string>): string[] {
  const odd = [...environment].filter(([name]) => !SHELL_NAME.test(name));
  return odd.map(([name, value]) => quoteWord(`${name}=${value}`));
}

function renderLimit({ name, soft, hard }: ResourceLimit): string {
  return `--${name}=${soft}:${hard}`;
}

/** The own group is one of the others too, as containers have it. */
function groupFlags({ gid, groups }: SandboxUser): string[] {
  if (groups === undefined) return [];
  return [`--regid=${gid}`, `--groups=${[...new Set([gid, ...groups])].join(",")}`];
}
