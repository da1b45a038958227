import { InputError } from "../base/error.ts";
import { parseHostList } from "../hosts/host-list.ts";
import type { Cluster, Clusterfile, HostSpec, SshSettings } from "./cluster.ts";

/** What `sealos run` was asked for. */
export interface RunRequest {
  readonly cluster: string;
  readonly images: readonly string[];
  /** Host lists as the user wrote them. */
  readonly masters: string;
  readonly nodes: string;
  readonly ssh: SshSettings;
  /** For the images of this request. */
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[] | undefined;
  /** Replace stored ones of the same name or kind. */
  readonly refinements: readonly Pick<Clusterfile, "configs" | "runtimeDocuments">[];
  /** The only host when none is named for a new cluster. */
  readonly ownAddress: string | undefined;
}

/**
 * The cluster as it should be after the run: what is stored, with the images and hosts that are new.
 * @throws {InputError} when a host is named twice, or a new cluster has no image.
 */
export function applyRunRequest(stored: Clusterfile | undefined, request: RunRequest): Clusterfile {
  const given = requestedHosts(request);
  const cluster = stored ? extendCluster(stored.cluster, request, given) : newCluster(request, given);
  if (cluster.images.length === 0) {
    throw new InputError(`Cannot run cluster "${cluster.name}": no image is named and none is stored`, {
      hint: "Name at least a rootfs image, for instance `sealos run kubernetes:v1.36.3`",
    });
  }
  return {
    ...(stored ?? EMPTY),
    cluster,
    configs: replaceBy(
      "name",
      stored?.configs ?? [],
      request.refinements.flatMap(({ configs }) => configs),
    ),
    runtimeDocuments: replaceBy(
      "kind",
      stored?.runtimeDocuments ?? [],
      request.refinements.flatMap(({ runtimeDocuments }) => runtimeDocuments),
    ),
    imageEnv: { ...stored?.imageEnv, ...requestedEnv(request) },
  };
}

const EMPTY = { configs: [], runtimeDocuments: [], imageEnv: {}, phase: undefined, createdAt: undefined } as const;

function replaceBy<Key extends string, T extends { readonly [K in Key]?: unknown }>(
  key: Key,
  stored: readonly T[],
  given: readonly T[],
): T[] {
  return [...stored.filter((old) => !given.some((replacement) => replacement[key] === old[key])), ...given];
}

function requestedEnv({ images, env }: RunRequest): Clusterfile["imageEnv"] {
  return Object.keys(env).length === 0 ? {} : Object.fromEntries(images.map((image) => [image, env]));
}

function newCluster(request: RunRequest, given: readonly HostSpec[]): Cluster {
  const own = request.ownAddress === undefined ? [] : toHosts(request.ownAddress, "master");
  return {
    name: request.cluster,
    images: request.images,
    ssh: request.ssh,
    hosts: given.length > 0 ? given : own,
    env: {},
    command: request.command,
  };
}

function extendCluster(stored: Cluster, request: RunRequest, given: readonly HostSpec[]): Cluster {
  const added = given.filter(({ address }) => !stored.hosts.some((host) => host.address === address));
  for (const host of given) checkRole(stored, host);
  const images = request.images.filter((image) => !stored.images.includes(image));
  return {
    ...stored,
    images: [...stored.images, ...images],
    hosts: [...stored.hosts, ...added],
    ssh: overrideSettings(stored.ssh, request.ssh),
    command: request.command ?? stored.command,
  };
}

function checkRole(stored: Cluster, { address, roles }: HostSpec): void {
  const known = stored.hosts.find((host) => host.address === address);
  if (known && !roles.every((role) => known.roles.includes(role))) {
    throw new InputError(
      `Cannot make ${address} a ${roles.join(", ")}: it is in cluster "${stored.name}" as ${known.roles.join(", ")}`,
    );
  }
}

/** Field by field: what is not given stays. */
export function overrideSettings(base: SshSettings, given: SshSettings): SshSettings {
  const fields = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(fields) };
}

function requestedHosts({ masters, nodes }: RunRequest): HostSpec[] {
  const hosts = [...toHosts(masters, "master"), ...toHosts(nodes, "node")];
  const seen = new Set<string>();
  for (const { address } of hosts) {
    if (seen.has(address)) {
      throw new InputError(`Cannot use host ${address} twice`, { hint: "Name it once, in --masters or in --nodes" });
    }
    seen.add(address);
  }
  return hosts;
}

function toHosts(list: string, role: string): HostSpec[] {
  if (list.trim() === "") return [];
  return parseHostList(list).map(({ address, port }) => ({ address, port, roles: [role], env: {}, ssh: {} }));
}
