import { expect, test } from "vitest";

import { parseFacts } from "../../src/hosts/facts-parser.ts";

const TYPICAL = `@@time
1795571986.644123456
@@hostname
master-1
@@architecture
x86_64
@@kernel
6.1.0-28-amd64
@@os-release
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
VERSION_ID="12"
ID=debian
# a comment
@@machine-id
3d1219c7c4c5404aaa1f6d2a48adfda4
@@addresses
1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
2: eth0    inet 10.77.0.11/24 brd 10.77.0.255 scope global eth0\\       valid_lft forever
2: eth0    inet6 fe80::fc:ff:fe00:1/64 scope link \\       valid_lft forever
@@cgroup
cgroup2fs
@@cpu
4
@@memory
MemTotal:        8123456 kB
@@swap
@@root-disk
/dev/vda1          41152736 9000000  30000000      24% /
@@disks
/dev/vda1          41152736 9000000  30000000      24% /
/dev/mapper/a-very long name 10000 1000 9000 10% /var/lib/etcd
@@listening
   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 14001 1 0000 100 0 0 10 0
   1: 0100007F:192B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 14002 1 0000 100 0 0 10 0
   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:0 0 0 0 1
@@systemd
yes
@@capabilities
CapEff:	000001ffffffffff
@@sysctls
@@programs
containerd
kubelet
@@node
`;

test("parseFacts() reads a typical machine", () => {
  expect(parseFacts(TYPICAL)).toEqual({
    hostname: "master-1",
    architecture: "amd64",
    kernel: "6.1.0-28-amd64",
    os: { id: "debian", version: "12", name: "Debian GNU/Linux 12 (bookworm)" },
    machineId: "3d1219c7c4c5404aaa1f6d2a48adfda4",
    addresses: ["10.77.0.11", "fe80::fc:ff:fe00:1"],
    cgroupVersion: 2,
    cpuCount: 4,
    memoryBytes: 8_318_418_944,
    hasSwap: false,
    rootDisk: { sizeBytes: 42_140_401_664, freeBytes: 30_720_000_000 },
    disk: { sizeBytes: 10_240_000, freeBytes: 9_216_000 },
    listeningPorts: [22, 6443],
    timeMs: 1_795_571_986_644,
    hasSystemd: true,
    hasSysResource: true,
    hasWritableSysctls: true,
    programs: ["containerd", "kubelet"],
    isKubernetesNode: false,
  });
});

/** The typical machine with one section replaced. */
function withSection(name: string, content: string): string {
  return TYPICAL.replace(new RegExp(`^@@${name}\\n(?:(?!@@).*\\n)*`, "m"), `@@${name}\n${content}`);
}

test.each([
  ["architecture", "aarch64\n", { architecture: "arm64" }],
  ["architecture", "loongarch64\n", { architecture: "loongarch64" }],
  ["addresses", "10.0.0.5 fd00::5 \n", { addresses: ["10.0.0.5", "fd00::5"] }],
  ["addresses", "", { addresses: [] }],
  ["cgroup", "tmpfs\n", { cgroupVersion: 1 }],
  ["swap", "/dev/sda2 partition 2097148 0 -2\n", { hasSwap: true }],
  ["time", "1795571986.%N\n", { timeMs: 1_795_571_986_000 }],
  ["capabilities", "CapEff:\t00000000fdecbfff\n", { hasSysResource: true }],
  ["capabilities", "CapEff:\t00000000fcecbfff\n", { hasSysResource: false }],
  ["sysctls", "net/netfilter/nf_conntrack_max\n", { hasWritableSysctls: false }],
  ["os-release", "ID='alpine'\n", { os: { id: "alpine", version: "", name: "" } }],
  ["listening", "", { listeningPorts: [] }],
  ["systemd", "", { hasSystemd: false }],
  ["node", "yes\n", { isKubernetesNode: true }],
])("parseFacts() reads section %s with %j", (name, content, expected) => {
  expect(parseFacts(withSection(name, content))).toMatchObject(expected);
});

test.each(["cpu", "memory", "root-disk", "disks", "time"])("parseFacts() refuses an empty section %s", (name) => {
  expect(() => parseFacts(withSection(name, ""))).toThrow("Cannot read the machine's facts");
});
