import { expect, test } from "vitest";

import { checkHosts, type CheckedHost } from "../../src/cluster/preflight-checks.ts";
import type { Facts } from "../../src/hosts/facts.ts";

const FACTS: Facts = {
  hostname: "h1",
  architecture: "amd64",
  kernel: "6.1",
  os: { id: "debian", version: "12", name: "Debian" },
  machineId: "a",
  addresses: ["10.0.0.1"],
  cgroupVersion: 2,
  cpuCount: 2,
  memoryBytes: 4e9,
  hasSwap: false,
  rootDisk: { sizeBytes: 100e9, freeBytes: 50e9 },
  disk: { sizeBytes: 100e9, freeBytes: 50e9 },
  listeningPorts: [22],
  timeMs: 1_000_000,
  hasSystemd: true,
  hasSysResource: true,
  hasWritableSysctls: true,
  programs: [],
  isKubernetesNode: false,
};

function host(facts: Partial<Facts>, rest: Partial<CheckedHost> = {}): CheckedHost {
  const common = { address: "10.0.0.1", roles: ["master"], isRegistry: true, isOurs: false };
  return { ...common, facts: { ...FACTS, ...facts }, ...rest };
}

test("checkHosts() finds nothing wrong with a fresh machine", () => {
  expect(checkHosts([host({})])).toEqual([]);
});

test.each([
  [{ isKubernetesNode: true }, "it is a node of another cluster"],
  [{ listeningPorts: [22, 5000, 6443] }, "port 6443, 5000 is in use"],
  [{ programs: ["containerd", "docker"] }, "containerd, docker is installed already"],
  [{ hasSystemd: false }, "systemd does not run there"],
  [{ cpuCount: 1 }, "1 CPU, a control plane needs 2"],
  [{ memoryBytes: 1e9 }, "1 GB of memory, a control plane needs 1.7 GiB"],
  [{ disk: { sizeBytes: 100e9, freeBytes: 2e9 } }, "2 GB free below /var/lib, 4 GB are needed"],
])("checkHosts() refuses %j", (facts, problem) => {
  expect(checkHosts([host(facts)])).toMatchObject([{ host: "10.0.0.1", severity: "error", problem }]);
});

test("checkHosts() takes what runs on a host of this cluster for its own", () => {
  const facts = { isKubernetesNode: true, listeningPorts: [5000, 6443], programs: ["containerd"] };
  expect(checkHosts([host(facts, { isOurs: true })])).toEqual([]);
});

test("checkHosts() warns of a disk that is nearly full", () => {
  expect(checkHosts([host({ disk: { sizeBytes: 100e9, freeBytes: 10e9 } })])).toMatchObject([
    { severity: "warning", problem: "only 10 % of the disk below /var/lib is free" },
  ]);
});

test("checkHosts() compares the hosts with each other", () => {
  const others = [
    host({ timeMs: 1_001_000 }, { address: "10.0.0.2", roles: ["node"], isRegistry: false }),
    host({ hostname: "h3", timeMs: 1_090_000 }, { address: "10.0.0.3", roles: ["node"], isRegistry: false }),
  ];
  expect(checkHosts([host({}), ...others]).map(({ host: address, problem }) => `${address}: ${problem}`)).toEqual([
    '10.0.0.2: its host name "h1" is that of 10.0.0.1 too',
    "10.0.0.3: its clock is 89 s away from the other hosts'",
  ]);
});
