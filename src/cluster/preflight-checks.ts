import { renderSize } from "../base/text.ts";
import type { Facts } from "../hosts/facts.ts";
import { isControlPlane } from "./cluster.ts";

/** Something about a host that keeps it out of the cluster, or that the user should know. */
export interface Finding {
  readonly host: string;
  readonly severity: "error" | "warning";
  readonly problem: string;
  readonly remedy: string | undefined;
}

export interface CheckedHost {
  readonly address: string;
  readonly roles: readonly string[];
  readonly facts: Facts;
  /** The cluster's registry will run here. */
  readonly isRegistry: boolean;
  /** We have been here before: what runs here is this cluster. */
  readonly isOurs: boolean;
}

const CONTROL_PLANE_PORTS = [2379, 2380, 6443, 10250, 10257, 10259];
const WORKER_PORTS = [10250];
const REGISTRY_PORTS = [5000];

const LEAST_DISK_BYTES = 4e9;
/** Below, the kubelet's own thresholds begin to evict pods. */
const LOW_DISK_FRACTION = 0.15;
/** What kubeadm itself insists on. */
const LEAST_CONTROL_PLANE_CPUS = 2;
const LEAST_CONTROL_PLANE_MEMORY_BYTES = 1700 * 1024 * 1024;
/** Certificates and etcd leases suffer from more. */
const LARGEST_CLOCK_DIFFERENCE_MS = 30_000;

/** All findings about all hosts, errors and warnings. */
export function checkHosts(hosts: readonly CheckedHost[]): Finding[] {
  return [...hosts.flatMap(checkHost), ...checkNames(hosts), ...checkClocks(hosts)];
}

function checkHost(host: CheckedHost): Finding[] {
  const { facts } = host;
  const findings: (Finding | undefined)[] = [
    ...(host.isOurs ? [] : checkOccupation(host)),
    facts.hasSystemd ? undefined : error(host, "systemd does not run there", "Use a host that was booted with systemd"),
    isControlPlane(host) && facts.cpuCount < LEAST_CONTROL_PLANE_CPUS
      ? error(host, `${facts.cpuCount} CPU, a control plane needs ${LEAST_CONTROL_PLANE_CPUS}`, "Use a larger machine")
      : undefined,
    isControlPlane(host) && facts.memoryBytes < LEAST_CONTROL_PLANE_MEMORY_BYTES
      ? error(host, `${renderSize(facts.memoryBytes)} of memory, a control plane needs 1.7 GiB`, "Use a larger machine")
      : undefined,
    checkDisk(host),
  ];
  return findings.filter((finding) => finding !== undefined);
}

function checkOccupation(host: CheckedHost): Finding[] {
  const { facts } = host;
  if (facts.isKubernetesNode) {
    return [
      error(
        host,
        "it is a node of another cluster",
        "Take it out of that cluster first, for instance with kubeadm reset",
      ),
    ];
  }
  const ports = [
    ...(isControlPlane(host) ? CONTROL_PLANE_PORTS : WORKER_PORTS),
    ...(host.isRegistry ? REGISTRY_PORTS : []),
  ];
  const used = ports.filter((port) => facts.listeningPorts.includes(port));
  const runtimes = facts.programs.filter((program) => ["containerd", "docker", "crio", "k3s"].includes(program));
  return [
    ...(used.length > 0
      ? [error(host, `port ${used.join(", ")} is in use`, `Stop what listens there: ss -ltnp on ${host.address}`)]
      : []),
    ...(runtimes.length > 0
      ? [error(host, `${runtimes.join(", ")} is installed already`, "Uninstall it: the cluster image brings its own")]
      : []),
  ];
}

function checkDisk(host: CheckedHost): Finding | undefined {
  const { freeBytes, sizeBytes } = host.facts.disk;
  if (freeBytes < LEAST_DISK_BYTES && !host.isOurs) {
    const needed = renderSize(LEAST_DISK_BYTES);
    return error(host, `${renderSize(freeBytes)} free below /var/lib, ${needed} are needed`, "Free or add disk space");
  }
  if (freeBytes >= LOW_DISK_FRACTION * sizeBytes) return undefined;
  const problem = `only ${Math.floor((100 * freeBytes) / sizeBytes)} % of the disk below /var/lib is free`;
  return { host: host.address, severity: "warning", problem, remedy: "Free disk space" };
}

function checkNames(hosts: readonly CheckedHost[]): Finding[] {
  return hosts.flatMap((host, index) => {
    const twin = hosts.slice(0, index).find(({ facts }) => facts.hostname === host.facts.hostname);
    if (!twin) return [];
    const problem = `its host name "${host.facts.hostname}" is that of ${twin.address} too`;
    return [error(host, problem, "Give every host a name of its own: hostnamectl set-hostname NAME")];
  });
}

function checkClocks(hosts: readonly CheckedHost[]): Finding[] {
  const times = hosts.map(({ facts }) => facts.timeMs).toSorted((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] ?? 0;
  return hosts.flatMap((host) => {
    const difference = Math.abs(host.facts.timeMs - median);
    if (difference <= LARGEST_CLOCK_DIFFERENCE_MS) return [];
    const problem = `its clock is ${Math.round(difference / 1000)} s away from the other hosts'`;
    return [error(host, problem, "Synchronise the clocks, for instance with chrony")];
  });
}

function error({ address }: CheckedHost, problem: string, remedy: string): Finding {
  return { host: address, severity: "error", problem, remedy };
}
