import { InputError } from "../base/error.ts";
import type { Digest } from "../oci/digest.ts";
import { toEnvironment, type ImageConfig } from "../oci/image-config.ts";
import type { HostTree } from "./tree/host-tree.ts";

/** `rootfs`: Kubernetes itself; `patch`: laid over it on every host; `application`: runs on the first master. */
export type ImageKind = "rootfs" | "patch" | "application";

/** An image that takes part in a cluster. */
export interface ClusterImage {
  /** As the user named it. */
  readonly name: string;
  /** Of the manifest. */
  readonly digest: Digest;
  readonly kind: ImageKind;
  /** Of the machines it is for: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly files: HostTree;
}

const KINDS: Readonly<Record<string, ImageKind>> = {
  rootfs: "rootfs",
  patch: "patch",
  addons: "patch", // the word of sealos 4.0
  application: "application",
};

const ROOTFS_VERSIONS = ["v1beta1", "v1beta2"];

/** Reads what the labels and the configuration say. @throws {InputError} when they contradict the contract. */
export function toClusterImage(
  name: string,
  { digest, config, files }: { digest: Digest; config: ImageConfig; files: HostTree },
): ClusterImage {
  const execution = config.config ?? {};
  const labels = execution.Labels ?? {};
  const kind = kindOf(name, labels);
  const { PATH: _, ...env } = toEnvironment(execution.Env ?? []);
  return {
    name,
    digest,
    kind,
    architecture: config.architecture,
    labels,
    env,
    entrypoint: execution.Entrypoint ?? [],
    command: execution.Cmd ?? [],
    files,
  };
}

function kindOf(name: string, labels: Readonly<Record<string, string>>): ImageKind {
  const text = findLabel(labels, "type") ?? "application";
  const kind = KINDS[text === "" ? "application" : text];
  if (!kind) {
    throw new InputError(`Cannot run image "${name}": its label sealos.io.type is "${text}"`, {
      hint: "Label it rootfs, patch or application",
    });
  }
  if (kind === "rootfs") checkRootfs(name, labels);
  return kind;
}

function checkRootfs(name: string, labels: Readonly<Record<string, string>>): void {
  const version = findLabel(labels, "version") ?? "";
  if (!ROOTFS_VERSIONS.includes(version)) {
    throw new InputError(
      `Cannot run rootfs image "${name}": its label sealos.io.version is "${version}", wanted ${ROOTFS_VERSIONS.join(" or ")}`,
    );
  }
  const distribution = findLabel(labels, "distribution") ?? "";
  if (!["", "kubernetes", "kubeadm"].includes(distribution)) {
    throw new InputError(`Cannot run rootfs image "${name}": its distribution is "${distribution}", wanted kubeadm`);
  }
  if (labels["version"] === undefined) {
    throw new InputError(`Cannot run rootfs image "${name}": it has no label version with the Kubernetes version`);
  }
}

function findLabel(labels: Readonly<Record<string, string>>, key: string): string | undefined {
  return labels[`sealos.io.${key}`] ?? labels[`apps.sealos.io/${key}`];
}

/** The Kubernetes version a rootfs image carries, with `v`. */
export function kubernetesVersionOf(rootfs: ClusterImage): string {
  return rootfs.labels["version"] ?? "";
}

/** The scripts that a rootfs image is driven by. */
export type ScriptName = "check" | "init" | "init-cri" | "init-registry" | "clean" | "clean-cri" | "clean-registry";

/**
 * The shell line of a script: the image's label or, for those that every image has, the file of that name.
 * @returns undefined for an optional script that the image does not have.
 */
export function findScript(rootfs: ClusterImage, script: ScriptName): string | undefined {
  const isOptional = script === "init-cri" || script === "clean-cri";
  return rootfs.labels[script] ?? (isOptional ? undefined : `${script}.sh`);
}
