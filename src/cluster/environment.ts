import type { Cluster, HostSpec } from "./cluster.ts";
import { kubernetesVersionOf, type ClusterImage } from "./cluster-image.ts";

type Environment = Readonly<Record<string, string>>;

/** Names that only sealos sets. */
const RESERVED_PREFIX = "SEALOS_SYS";

export interface EnvironmentSources {
  readonly cluster: Pick<Cluster, "env">;
  readonly host: Pick<HostSpec, "env" | "roles">;
  /** What the image was given on the command line; wins over everything a file says. */
  readonly commandLine: Environment;
  /** Values found out by sealos for this host, such as the registry's password. */
  readonly derived: Environment;
}

/** What templates, scripts and commands of an image see on one host: image < derived < cluster < host < command line. */
export function environmentOf(image: ClusterImage, sources: EnvironmentSources, version: string): Environment {
  const { cluster, host, commandLine, derived } = sources;
  const given = { ...cluster.env, ...host.env, ...commandLine };
  return {
    ...image.env,
    ...derived,
    ...Object.fromEntries(Object.entries(given).filter(([name]) => !name.startsWith(RESERVED_PREFIX))),
    ...(image.kind === "rootfs" ? { SEALOS_SYS_KUBE_VERSION: kubernetesVersionOf(image) } : {}),
    SEALOS_SYS_SEALOS_VERSION: version,
    SEALOS_SYS_RUN_MODE: host.roles.join(","),
  };
}
