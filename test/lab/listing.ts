import type { Context } from "../../src/base/context.ts";
import { shell } from "../../src/hosts/command.ts";
import type { Transport } from "../../src/hosts/transport.ts";
import {
  parseContents,
  parseFiles,
  parseLinks,
  parseMounts,
  parseRuleset,
  parseSettings,
  parseUnits,
  parseWords,
  type Facts,
} from "./listing-parsers.ts";

/** Everything about a host that a program could leave behind there: what it is, and how it is. Sorted. */
export type Listing = ReadonlyMap<string, string>;

/** What a host changes by itself. */
const NOISE = [
  "/dev", // kernel and systemd
  "/proc",
  "/run",
  "/sys",
  "/tmp", // emptied at boot
  "/var/tmp",
  "/var/log", // every service writes there
  "/var/cache", // of apt, ldconfig and the like
  "/var/lib/systemd", // random seed, stamps of timers
  "/var/lib/sudo", // who was told about the responsibility of sudo
];

/** File systems of their own on a lab's host. */
const DATA = ["/var/lib/containerd", "/var/lib/kubelet", "/var/lib/etcd", "/var/lib/sealos"];

const SETTINGS = [
  "net.ipv4.ip_forward",
  "net.ipv4.conf.all.forwarding",
  "net.ipv4.conf.all.rp_filter",
  "net.ipv4.conf.default.rp_filter",
  "net.ipv4.conf.all.route_localnet",
  "net.ipv4.vs.conntrack",
  "net.ipv6.conf.all.forwarding",
  "net.ipv6.conf.all.disable_ipv6",
  "net.bridge.bridge-nf-call-iptables",
  "net.bridge.bridge-nf-call-ip6tables",
  "net.core.somaxconn",
  "net.netfilter.nf_conntrack_max",
  "net.netfilter.nf_conntrack_tcp_be_liberal",
  "kernel.panic",
  "kernel.panic_on_oops",
  "kernel.pid_max",
  "vm.overcommit_memory",
  "vm.panic_on_oom",
  "vm.max_map_count",
  "vm.swappiness",
  "fs.file-max",
  "fs.inotify.max_user_instances",
  "fs.inotify.max_user_watches",
];

interface Section {
  readonly script: string;
  readonly parameters?: readonly string[];
  readonly parse: (stdout: string) => Facts;
}

const FIND_FILES = `
noise=$1; shift
set -f
find "$@" -ignore_readdir_race -xdev \\( $noise \\) -prune -o \\
  \\( -type d -printf '%p\\td %m %u:%g\\0' \\) -o \\( -type l -printf '%p\\tl %l\\0' \\) -o -printf '%p\\t%y %m %u:%g %s\\0'`;

const SECTIONS: readonly Section[] = [
  {
    script: FIND_FILES,
    parameters: [NOISE.map((path) => `-path ${path}`).join(" -o "), "/", ...DATA],
    parse: parseFiles,
  },
  { script: "find /etc /root -xdev -type f -print0 | xargs -0 sha256sum -z --", parse: parseContents },
  {
    script: `systemctl list-unit-files --no-legend --no-pager
      systemctl list-units --all --plain --no-legend --no-pager --type=service,socket,path,timer,target,swap`,
    parse: parseUnits,
  },
  { script: "cat /proc/self/mountinfo", parse: parseMounts },
  { script: "ip -d -j addr", parse: parseLinks },
  { script: "ip -4 route show; ip rule", parse: parseWords("route") },
  { script: "! command -v nft >/dev/null || nft list ruleset", parse: parseRuleset },
  {
    // Only asks where the kernel has such tables: asking makes them.
    script: `for family in ip ip6; do
        ! [ -s /proc/net/"$family"_tables_names ] || "$family"tables-legacy-save | grep -v '^#'
      done`,
    parse: parseWords("legacy iptables"),
  },
  { script: "! command -v ipset >/dev/null || ipset list -name", parse: parseWords("ipset") },
  { script: "ss -Hlntu | awk '{ print $1, $5 }' | sort -u", parse: parseWords("socket") },
  {
    script: `for name; do
        file=/proc/sys/$(echo "$name" | tr . /)
        ! [ -r "$file" ] || echo "$name = $(cat "$file")"
      done`,
    parameters: SETTINGS,
    parse: parseSettings,
  },
];

/** Lists a host, to be compared with another listing of the same host. */
export async function listHost(ctx: Context, host: Pick<Transport, "query">): Promise<Listing> {
  const entries: (readonly [string, string])[] = [];
  for (const { script, parameters, parse } of SECTIONS) {
    const { stdout } = await host.query(ctx, shell(script, parameters));
    entries.push(...parse(stdout));
  }
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One line for each difference: `+ ` came, `- ` went, `~ ` changed. */
export function diffListings(before: Listing, after: Listing): readonly string[] {
  const lines: string[] = [];
  for (const [subject, state] of before) {
    const now = after.get(subject);
    if (now === undefined) lines.push(`- ${subject}: ${state}`);
    else if (now !== state) lines.push(`~ ${subject}: ${state} -> ${now}`);
  }
  for (const [subject, state] of after) if (!before.has(subject)) lines.push(`+ ${subject}: ${state}`);
  return lines.sort((a, b) => (a.slice(2) < b.slice(2) ? -1 : 1));
}
