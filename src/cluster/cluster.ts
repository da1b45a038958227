import type { Secret } from "../base/secret.ts";
import type { ConfigurationDocument } from "../runtimes/runtime.ts";

/** How to log in; an absent field falls back to the cluster's setting, then to the default. */
export interface SshSettings {
  readonly user?: string | undefined;
  readonly password?: Secret | undefined;
  /** Path of a private key on the operator's machine. */
  readonly privateKeyFile?: string | undefined;
  /** The private key itself, PEM. */
  readonly privateKey?: Secret | undefined;
  readonly passphrase?: Secret | undefined;
  readonly port?: number | undefined;
}

export interface HostSpec {
  readonly address: string;
  readonly port?: number | undefined;
  /** `master`, `node`, `registry`, an architecture, or the user's own words. */
  readonly roles: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly ssh: SshSettings;
}

/** What the cluster should be. */
export interface Cluster {
  readonly name: string;
  /** In the order in which they run. */
  readonly images: readonly string[];
  readonly ssh: SshSettings;
  readonly hosts: readonly HostSpec[];
  readonly env: Readonly<Record<string, string>>;
  /** Replaces the CMD of the first image. */
  readonly command: readonly string[] | undefined;
}

export type ConfigStrategy = "merge" | "insert" | "append" | "override";

/** A patch for one file of an image, applied before the file goes to the hosts. */
export interface ConfigObject {
  readonly name: string;
  /** Relative to the image's root. */
  readonly path: string;
  /** Image name; absent means every image. */
  readonly match: string | undefined;
  readonly strategy: ConfigStrategy;
  readonly data: string;
}

export type ClusterPhase = "ClusterInProcess" | "ClusterSuccess" | "ClusterFailed";

/** A Clusterfile: the cluster and everything that refines it. */
export interface Clusterfile {
  readonly cluster: Cluster;
  readonly configs: readonly ConfigObject[];
  /** kubeadm, kubelet and kube-proxy documents. */
  readonly runtimeDocuments: readonly ConfigurationDocument[];
  /** Image name → environment that it was given on the command line. */
  readonly imageEnv: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly phase: ClusterPhase | undefined;
  /** RFC 3339; absent when the cluster was never created. */
  readonly createdAt: string | undefined;
}

export function isControlPlane({ roles }: Pick<HostSpec, "roles">): boolean {
  return roles.includes("master");
}
