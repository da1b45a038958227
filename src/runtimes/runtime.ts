import type { Command } from "../hosts/command.ts";
import type { Secret } from "../base/secret.ts";
import type { RemoteFile } from "../hosts/transport.ts";

/** What the hosts' machines ask of the configuration: read from their facts, decided in one place. */
export interface MachineConditions {
  /** Some host still has cgroup v1 controllers, which Kubernetes 1.35 and newer refuse unless told otherwise. */
  readonly hasCgroupV1: boolean;
  /** Some host cannot write its conntrack sysctls, for instance because it is a container. */
  readonly hasReadOnlySysctls: boolean;
  /** Some host's disk is so full that the kubelet's relative thresholds would evict pods at once. */
  readonly hasFullDisk: boolean;
}

/** A configuration document: `apiVersion`, `kind` and fields. */
export type ConfigurationDocument = Readonly<Record<string, unknown>>;

export interface ClusterOptions {
  /** With `v`. */
  readonly kubernetesVersion: string;
  /** Host name under which every node reaches the API server. */
  readonly endpointDomain: string;
  readonly controlPlaneAddresses: readonly string[];
  /** Absolute path of the audit policy on control planes; absent when the image ships none. */
  readonly auditPolicyFile?: string;
  readonly isSingleHost: boolean;
  readonly conditions: MachineConditions;
  /** Documents that override the defaults, weakest first: the image's, then the Clusterfile's. */
  readonly overrides: readonly ConfigurationDocument[];
}

export interface NodeOptions {
  readonly address: string;
  /** Socket of the container runtime, an absolute path. */
  readonly criSocket: string;
}

export interface JoinOptions extends NodeOptions {
  /** Address of a control plane that is up. */
  readonly apiServerAddress: string;
  readonly token: Secret;
  /** Of the cluster's certificate authority, PEM. */
  readonly caCertificate: string;
  /** Present when the node becomes a control plane: decrypts the certificates that were uploaded. */
  readonly certificateKey?: Secret;
}

/** How a Kubernetes distribution is driven: documents, files and commands, all of it data. */
export interface Runtime {
  /** Files and command that make the first control plane. */
  init(cluster: ClusterOptions, node: NodeOptions): NodePlan;
  join(cluster: ClusterOptions, node: JoinOptions): NodePlan;
  /** Uploads the control plane's certificates, encrypted with a key, for others to join. */
  uploadCertificates(cluster: ClusterOptions, node: NodeOptions, certificateKey: Secret): NodePlan;
  /** Prints a new bootstrap token. */
  createTokenCommand(): Command;
  resetCommand(node: NodeOptions): Command;
}

export interface NodePlan {
  readonly files: readonly RemoteFile[];
  readonly command: Command;
}
