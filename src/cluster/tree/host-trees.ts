import type { Context } from "../../base/context.ts";
import { parseYaml } from "../../kubernetes/yaml.ts";
import { isPlainObject } from "../../kubernetes/merge.ts";
import type { ConfigurationDocument } from "../../runtimes/runtime.ts";
import type { ConfigObject } from "../cluster.ts";
import type { ClusterImage } from "../cluster-image.ts";
import { parseConfigObjects } from "../clusterfile/parse.ts";
import type { ClusterHost, ClusterRun } from "../cluster-run.ts";
import { applyConfigObjects } from "./config-objects.ts";
import { filterTree, isBelow, overlay, subtree, textFile, type HostTree, type HostTreeEntry } from "./host-tree.ts";
import { findText } from "./read-file.ts";
import { renderTree } from "./render-tree.ts";

/** Container images travel to the registry host only. */
const REGISTRY_FOLDER = "registry";

/** The rootfs folder of one host: rootfs image, patches over it, Config objects, templates, the registry's credentials. */
export function rootfsTree(ctx: Context, run: ClusterRun, host: ClusterHost): Promise<HostTree> {
  return run.tree(`rootfs ${host.address}`, () => makeRootfsTree(ctx, run, host));
}

async function makeRootfsTree(ctx: Context, run: ClusterRun, host: ClusterHost): Promise<HostTree> {
  const rootfsEnv = await run.environment(ctx, await run.rootfs(ctx), host);
  const trees: HostTree[] = [];
  for (const image of await run.images(ctx)) {
    if (image.kind === "application") continue;
    const env = { ...rootfsEnv, ...(await run.environment(ctx, image, host)) };
    trees.push(await renderTree(ctx, await configuredFiles(ctx, run, image), env));
  }
  return overlay([...trees, await registryFiles(ctx, run, host)]);
}

/** The work folder of an application on the first control plane. */
export async function applicationTree(ctx: Context, run: ClusterRun, image: ClusterImage): Promise<HostTree> {
  const env = await run.environment(ctx, image, run.firstControlPlane);
  return renderTree(ctx, await configuredFiles(ctx, run, image), env);
}

/** The container images of all cluster images, as one tree below the registry's folder. */
export async function registryTree(ctx: Context, run: ClusterRun): Promise<HostTree> {
  return overlay((await run.images(ctx)).map(({ files }) => subtree(files, REGISTRY_FOLDER)));
}

/** kubeadm documents that the rootfs image or a patch ships. */
export async function imageDocuments(ctx: Context, run: ClusterRun): Promise<ConfigurationDocument[]> {
  const text = await findText(ctx, await rootfsTree(ctx, run, run.firstControlPlane), "etc/kubeadm.yml");
  if (text === undefined) return [];
  return parseYaml(text, "etc/kubeadm.yml")
    .map(({ value }) => value)
    .filter(isPlainObject);
}

async function configuredFiles(ctx: Context, run: ClusterRun, image: ClusterImage): Promise<HostTree> {
  const files = filterTree(image.files, (path) => !isBelow(path, REGISTRY_FOLDER));
  const shipped = await shippedConfigs(ctx, image);
  const configs = [...shipped, ...run.options.clusterfile.configs];
  return applyConfigObjects(ctx, { image: image.name, files }, configs);
}

/** An image may bring Config objects of its own in `config.yml`; the user's come after them. */
async function shippedConfigs(ctx: Context, image: ClusterImage): Promise<readonly ConfigObject[]> {
  const text = await findText(ctx, image.files, "config.yml");
  if (text === undefined) return [];
  return parseConfigObjects(text, `${image.name}: config.yml`).map((config) => ({ ...config, match: image.name }));
}

async function registryFiles(ctx: Context, run: ClusterRun, host: ClusterHost): Promise<HostTree> {
  const { authority, server, htpasswd } = await run.registryAccess(ctx);
  const everywhere: [string, HostTreeEntry][] = [["etc/registry/ca.crt", textFile(authority, 0o644)]];
  if (host.address !== run.registryHost.address) return new Map(everywhere);
  return new Map([
    ...everywhere,
    ["etc/registry/tls.crt", textFile(server.certificate, 0o644)],
    ["etc/registry/tls.key", textFile(server.privateKey.reveal(), 0o600)],
    ["etc/registry_htpasswd", textFile(htpasswd.reveal(), 0o600)],
  ]);
}
