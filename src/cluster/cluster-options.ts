import { posix } from "node:path";

import type { Context } from "../base/context.ts";
import { command } from "../hosts/command.ts";
import type { ClusterOptions, MachineConditions, NodeOptions } from "../runtimes/runtime.ts";
import { kubernetesVersionOf } from "./cluster-image.ts";
import type { ClusterHost, ClusterRun } from "./cluster-run.ts";
import { imageDocuments, rootfsTree } from "./tree/host-trees.ts";

/** Every node reaches the API server by this name; its own /etc/hosts says where it is. */
export const ENDPOINT_DOMAIN = "apiserver.cluster.local";

/** Where control planes keep the audit policy that the image ships. */
export const AUDIT_POLICY_FILE = "/etc/kubernetes/audit-policy.yml";

/** Relative to the rootfs folder. */
const SHIPPED_AUDIT_POLICY = "statics/audit-policy.yml";

const DEFAULT_CRI_ENDPOINT = "/run/containerd/containerd.sock";

/** Less than this part of the disk free: the relative thresholds of the kubelet, 10 and 15 %, would soon evict pods. */
const FULL_DISK_FRACTION = 0.25;

export async function clusterOptions(ctx: Context, run: ClusterRun): Promise<ClusterOptions> {
  const rootfs = await run.rootfs(ctx);
  const hasAuditPolicy = (await rootfsTree(ctx, run, run.firstControlPlane)).has(SHIPPED_AUDIT_POLICY);
  return {
    kubernetesVersion: kubernetesVersionOf(rootfs),
    endpointDomain: ENDPOINT_DOMAIN,
    controlPlaneAddresses: run.controlPlanes.map(({ address }) => address),
    ...(hasAuditPolicy ? { auditPolicyFile: AUDIT_POLICY_FILE } : {}),
    isSingleHost: run.hosts.length === 1,
    conditions: await conditionsOf(ctx, run),
    overrides: [...(await imageDocuments(ctx, run)), ...run.options.clusterfile.runtimeDocuments],
  };
}

export async function nodeOptions(ctx: Context, run: ClusterRun, host: ClusterHost): Promise<NodeOptions> {
  const env = await run.environment(ctx, await run.rootfs(ctx), host);
  return { address: host.address, criSocket: env["SEALOS_SYS_CRI_ENDPOINT"] ?? DEFAULT_CRI_ENDPOINT };
}

/** Puts the audit policy where the API server's configuration says it is. */
export async function installAuditPolicy(ctx: Context, run: ClusterRun, host: ClusterHost): Promise<void> {
  const { auditPolicyFile } = await clusterOptions(ctx, run);
  if (auditPolicyFile === undefined) return;
  const source = posix.join(run.paths.rootfs, SHIPPED_AUDIT_POLICY);
  await host.transport.run(ctx, command(["install", "-D", "-m", "0600", source, auditPolicyFile]));
}

/** Facts of all hosts that the cluster-wide configuration depends on. */
export async function conditionsOf(ctx: Context, run: ClusterRun): Promise<MachineConditions> {
  const facts = (await run.observations(ctx)).flatMap((observation) =>
    "facts" in observation ? [observation.facts] : [],
  );
  return {
    hasCgroupV1: facts.some(({ cgroupVersion }) => cgroupVersion === 1),
    hasReadOnlySysctls: facts.some(({ hasWritableSysctls }) => !hasWritableSysctls),
    hasFullDisk: facts.some(({ disk }) => disk.freeBytes < FULL_DISK_FRACTION * disk.sizeBytes),
  };
}
