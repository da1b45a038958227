import { posix } from "node:path";

import type { Digest } from "../oci/digest.ts";

/** Where a cluster's things are on its hosts. The names are those of the reference tool: scripts rely on them. */
export interface HostPaths {
  readonly data: string;
  readonly rootfs: string;
  readonly etc: string;
  /** Ours: records of what is there and which steps are finished. */
  readonly state: string;
  application(digest: Digest): string;
}

export function hostPaths(dataRoot: string, cluster: string): HostPaths {
  const data = posix.join(dataRoot, "data", cluster);
  return {
    data,
    rootfs: posix.join(data, "rootfs"),
    etc: posix.join(data, "etc"),
    state: posix.join(data, ".state"),
    application: (digest) => posix.join(data, "applications", digest.slice(7, 19), "workdir"),
  };
}

/** Where a cluster's things are on the operator's machine. */
export interface OperatorPaths {
  readonly directory: string;
  readonly clusterfile: string;
  /** Digests of the images that it is made of. */
  readonly images: string;
  /** Credentials of the cluster registry. */
  readonly registryAccess: string;
  readonly knownHosts: string;
}

export function operatorPaths(runtimeRoot: string, cluster: string): OperatorPaths {
  const directory = posix.join(runtimeRoot, cluster);
  return {
    directory,
    clusterfile: posix.join(directory, "Clusterfile"),
    images: posix.join(directory, "images.json"),
    registryAccess: posix.join(directory, "etc", "registry.json"),
    knownHosts: posix.join(directory, "known_hosts"),
  };
}
