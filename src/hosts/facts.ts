import type { Context } from "../base/context.ts";
import { shell } from "./command.ts";
import { parseFacts } from "./facts-parser.ts";
import type { Transport } from "./transport.ts";

/** A file system's size, for those who are not root too. */
export interface DiskSpace {
  readonly sizeBytes: number;
  readonly freeBytes: number;
}

/** A machine as it is now. */
export interface Facts {
  readonly hostname: string;
  /** As images name it (`amd64`, `arm64`); what `uname -m` says where it has no such name. */
  readonly architecture: string;
  /** As `uname -r` has it. */
  readonly kernel: string;
  /** From os-release; empty where the machine does not say. */
  readonly os: { readonly id: string; readonly version: string; readonly name: string };
  /** Unique to the machine; empty where it has none. */
  readonly machineId: string;
  /** IPv4 and IPv6, without loopback. */
  readonly addresses: readonly string[];
  readonly cgroupVersion: 1 | 2;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly hasSwap: boolean;
  readonly rootDisk: DiskSpace;
  /** Of the file systems under /var/lib that hold images, containers and data: the one with the least free. */
  readonly disk: DiskSpace;
  /** TCP, in ascending order. */
  readonly listeningPorts: readonly number[];
  /** The machine's clock, in milliseconds since 1970. */
  readonly timeMs: number;
  readonly hasSystemd: boolean;
  /** CAP_SYS_RESOURCE: containers often lack it, and containerd must know. */
  readonly hasSysResource: boolean;
  /** Kernel and conntrack sysctls can be set from here. */
  readonly hasWritableSysctls: boolean;
  /** Which of containerd, kubelet, kubeadm, docker, crio and k3s are there. */
  readonly programs: readonly string[];
  /** The machine was made a node of some cluster. */
  readonly isKubernetesNode: boolean;
}

/** Looks at a machine in one round trip. Changes nothing. */
export async function readFacts(ctx: Context, transport: Transport): Promise<Facts> {
  const { stdout } = await transport.query(ctx, shell(FACTS_SCRIPT, [], { timeoutMs: FACTS_TIMEOUT_MS }));
  return parseFacts(stdout);
}

/** A hanging network file system must not stop the look at all others. */
const FACTS_TIMEOUT_MS = 60_000;

/** Prints sections: a line `@@name`, then what was found. What is not there leaves its section empty. */
const FACTS_SCRIPT = `
at() { printf '@@%s\\n' "$1"; }
at time; date +%s.%N
at hostname; cat /proc/sys/kernel/hostname
at architecture; uname -m
at kernel; uname -r
at os-release; cat /etc/os-release 2>/dev/null || cat /usr/lib/os-release 2>/dev/null
at machine-id; cat /etc/machine-id 2>/dev/null
at addresses; ip -o addr show 2>/dev/null || hostname -I 2>/dev/null
at cgroup; stat -fc %T /sys/fs/cgroup 2>/dev/null
at cpu; getconf _NPROCESSORS_ONLN 2>/dev/null || grep -c ^processor /proc/cpuinfo
at memory; grep MemTotal: /proc/meminfo
at swap; tail -n +2 /proc/swaps 2>/dev/null
at root-disk; df -Pk / 2>/dev/null | tail -n 1
at disks
for folder in /var/lib /var/lib/sealos /var/lib/containerd /var/lib/kubelet /var/lib/etcd; do
  [ ! -d "$folder" ] || df -Pk "$folder" 2>/dev/null | tail -n 1
done
at listening; cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep ' 0A '
at systemd; [ ! -d /run/systemd/system ] || echo yes
at capabilities; grep CapEff: /proc/self/status
at sysctls
for file in kernel/panic vm/overcommit_memory net/netfilter/nf_conntrack_max; do
  [ ! -e "/proc/sys/$file" ] || (: >>"/proc/sys/$file") 2>/dev/null || echo "$file"
done
at programs
for program in containerd kubelet kubeadm docker crio k3s; do command -v "$program" >/dev/null 2>&1 && echo "$program"; done
at node; [ ! -e /etc/kubernetes/kubelet.conf ] || echo yes
exit 0
`;
