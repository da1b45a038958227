import { NotFoundError } from "../base/error.ts";
import type { Cluster, HostSpec } from "../cluster/cluster.ts";
import { parseHostList } from "../hosts/host-list.ts";

export interface HostSelection {
  readonly roles: readonly string[];
  /** Addresses; win over roles. */
  readonly addresses: readonly string[];
}

/** Hosts by address, else by role, else all; each once. @throws {NotFoundError} when a word matches no host. */
export function selectHosts({ name, hosts }: Cluster, { roles, addresses }: HostSelection): readonly HostSpec[] {
  if (addresses.length > 0) {
    const wanted = new Set(parseHostList(addresses.join(",")).map(({ address }) => address));
    const unknown = [...wanted].filter((address) => !hosts.some((host) => host.address === address));
    if (unknown.length > 0) throw noSuchHost(name, unknown.join(", "), hosts);
    return hosts.filter(({ address }) => wanted.has(address));
  }
  if (roles.length === 0) return hosts;
  const unknown = roles.filter((role) => !hosts.some((host) => host.roles.includes(role)));
  if (unknown.length > 0) throw noSuchHost(name, `role ${unknown.join(", ")}`, hosts);
  return hosts.filter((host) => host.roles.some((role) => roles.includes(role)));
}

function noSuchHost(cluster: string, wanted: string, hosts: readonly HostSpec[]): NotFoundError {
  const known = hosts.map(({ address, roles }) => `${address} (${roles.join(", ")})`).join(", ");
  return new NotFoundError("HOST_NOT_FOUND", `Cannot find ${wanted} in cluster "${cluster}": its hosts are ${known}`);
}
