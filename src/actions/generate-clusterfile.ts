import type { Context } from "../base/context.ts";
import { renderYamlDocuments } from "../kubernetes/yaml.ts";
import { kubernetesVersionOf } from "../cluster/cluster-image.ts";
import { ENDPOINT_DOMAIN } from "../cluster/cluster-options.ts";
import { isControlPlane } from "../cluster/cluster.ts";
import { renderClusterfile } from "../cluster/clusterfile/render.ts";
import { applyRunRequest, type RunRequest } from "../cluster/run-request.ts";
import { mergeDocuments } from "../runtimes/kubeadm/configuration.ts";
import { InputError } from "../base/error.ts";
import type { ClusterEnvironment } from "./cluster-environment.ts";
import { mountImage } from "./mount-image.ts";

/**
 * A complete Clusterfile for the request: the cluster, and the kubeadm documents with the defaults that would hold, to
 * be edited. No host is contacted. The environment goes to `spec.env`, as the reference tool has it.
 */
export async function generateClusterfile(
  ctx: Context,
  environment: ClusterEnvironment,
  request: RunRequest,
): Promise<string> {
  const { env, ...rest } = request;
  const clusterfile = applyRunRequest(undefined, { ...rest, env: {} });
  const cluster = { ...clusterfile.cluster, env };
  const rootfs = await mountImage(ctx, environment, request.images[0] ?? "");
  if (rootfs.kind !== "rootfs") {
    throw new InputError(`Cannot generate a Clusterfile: the first image "${rootfs.name}" is not a rootfs image`);
  }
  const documents = mergeDocuments({
    kubernetesVersion: kubernetesVersionOf(rootfs),
    endpointDomain: ENDPOINT_DOMAIN,
    controlPlaneAddresses: cluster.hosts.filter(isControlPlane).map(({ address }) => address),
    isSingleHost: cluster.hosts.length === 1,
    conditions: { hasCgroupV1: false, hasReadOnlySysctls: false, hasFullDisk: false },
    overrides: [],
  });
  return `${renderClusterfile({ ...clusterfile, cluster })}---\n${renderYamlDocuments([...documents.values()])}`;
}
