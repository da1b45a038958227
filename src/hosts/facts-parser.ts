import { InputError } from "../base/error.ts";
import type { DiskSpace, Facts } from "./facts.ts";

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  aarch64: "arm64",
  armv7l: "arm",
  i686: "386",
  ppc64le: "ppc64le",
  s390x: "s390x",
  riscv64: "riscv64",
};

/** Bit of CAP_SYS_RESOURCE in the masks of /proc/PID/status. */
const SYS_RESOURCE = 24n;

/** Reads what the script of `readFacts` printed. @throws {InputError} when a machine does not say the indispensable. */
export function parseFacts(output: string): Facts {
  const sections = parseSections(output);
  const text = (name: string): string => (sections.get(name) ?? []).join("\n").trim();
  const lines = (name: string): readonly string[] => (sections.get(name) ?? []).filter((line) => line.trim() !== "");
  const machine = text("architecture");
  const disks = lines("disks").map(parseDisk);
  return {
    hostname: text("hostname"),
    architecture: ARCHITECTURES[machine] ?? machine,
    kernel: text("kernel"),
    os: parseOsRelease(lines("os-release")),
    machineId: text("machine-id"),
    addresses: parseAddresses(lines("addresses")),
    cgroupVersion: text("cgroup") === "cgroup2fs" ? 2 : 1,
    cpuCount: parseNumber("processors", text("cpu")),
    memoryBytes: parseNumber("memory", /(\d+) kB/.exec(text("memory"))?.[1] ?? "") * 1024,
    hasSwap: lines("swap").length > 0,
    rootDisk: parseDisk(text("root-disk")),
    disk: disks.reduce(
      (least, disk) => (disk.freeBytes < least.freeBytes ? disk : least),
      parseDisk(lines("disks")[0] ?? ""),
    ),
    listeningPorts: parsePorts(lines("listening")),
    timeMs: Math.round(parseNumber("time", text("time").replace(/\.?%N$/, "")) * 1000),
    hasSystemd: text("systemd") === "yes",
    hasSysResource: hasCapability(text("capabilities"), SYS_RESOURCE),
    hasWritableSysctls: lines("sysctls").length === 0,
    programs: lines("programs"),
    isKubernetesNode: text("node") === "yes",
  };
}

function parseSections(output: string): ReadonlyMap<string, readonly string[]> {
  const sections = new Map<string, string[]>();
  let current: string[] | undefined;
  for (const line of output.split("\n")) {
    const name = /^@@([a-z-]+)$/.exec(line)?.[1];
    if (name === undefined) current?.push(line);
    else sections.set(name, (current = []));
  }
  return sections;
}

/** https://www.freedesktop.org/software/systemd/man/os-release.html: shell assignments. */
function parseOsRelease(lines: readonly string[]): Facts["os"] {
  const values = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, value.trim().replaceAll(/^(["'])(.*)\1$/g, "$2"));
  }
  const get = (name: string): string => values.get(name) ?? "";
  return { id: get("ID"), version: get("VERSION_ID"), name: get("PRETTY_NAME") };
}

/** Lines of `ip -o addr`, or the one line of `hostname -I`. */
function parseAddresses(lines: readonly string[]): string[] {
  const found = lines.flatMap((line) => {
    const fromIp = /^\d+: \S+\s+inet6? ([0-9a-f.:]+)/.exec(line)?.[1];
    return fromIp === undefined
      ? line.split(/\s+/).filter((word) => /^[0-9a-f]*[.:][0-9a-f.:]+$/.test(word))
      : [fromIp];
  });
  return [...new Set(found.filter((address) => !address.startsWith("127.") && address !== "::1"))];
}

/** A line of `df -Pk`: file system, size, used, available, in units of 1024 bytes. */
function parseDisk(line: string): DiskSpace {
  const [, size = "", free = ""] = /\s(\d+)\s+\d+\s+(\d+)\s+\d+%\s/.exec(line) ?? [];
  return { sizeBytes: parseNumber("disk", size) * 1024, freeBytes: parseNumber("disk", free) * 1024 };
}

/** Lines of /proc/net/tcp: the local address is the second word, its port the hexadecimal end of it. */
function parsePorts(lines: readonly string[]): number[] {
  const ports = lines.map((line) => Number.parseInt(/^\s*\d+:\s+[0-9A-F]+:([0-9A-F]{4})\s/.exec(line)?.[1] ?? "", 16));
  return [...new Set(ports.filter((port) => !Number.isNaN(port)))].sort((a, b) => a - b);
}

function hasCapability(status: string, bit: bigint): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)$/.exec(status)?.[1];
  return mask !== undefined && (BigInt(`0x${mask}`) & (1n << bit)) !== 0n;
}

function parseNumber(what: string, text: string): number {
  const value = text === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new InputError(`Cannot read the machine's facts: ${what} is "${text}"`);
  return value;
}
