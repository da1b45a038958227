import { renderYamlDocuments } from "../../kubernetes/yaml.ts";
import type { Cluster, Clusterfile, HostSpec, SshSettings } from "../cluster.ts";
import { CLUSTER_API } from "./schema.ts";

/** The file as `parseClusterfile` reads it. It holds the logins in plain text: keep it 0600. */
export function renderClusterfile(clusterfile: Clusterfile): string {
  const { cluster, configs, runtimeDocuments, imageEnv, phase, createdAt } = clusterfile;
  const mounts = Object.entries(imageEnv).map(([imageName, env]) => ({ imageName, env }));
  const clusterDocument = {
    apiVersion: CLUSTER_API,
    kind: "Cluster",
    metadata: { name: cluster.name, ...(createdAt === undefined ? {} : { creationTimestamp: createdAt }) },
    spec: {
      ...(Object.keys(cluster.env).length > 0 ? { env: toEntries(cluster.env) } : {}),
      hosts: groupHosts(cluster),
      image: cluster.images,
      ssh: renderSsh(cluster.ssh),
      ...(cluster.command ? { command: cluster.command } : {}),
    },
    ...(phase ? { status: { phase, ...(mounts.length > 0 ? { mounts } : {}) } } : {}),
  };
  const configDocuments = configs.map(({ name, path, match, strategy, data }) => ({
    apiVersion: CLUSTER_API,
    kind: "Config",
    metadata: { name },
    spec: { path, ...(match === undefined ? {} : { match }), strategy, data },
  }));
  return renderYamlDocuments([clusterDocument, ...configDocuments, ...runtimeDocuments]);
}

/** Neighbours with the same roles, environment and login share one entry, so the order of hosts is kept. */
function groupHosts({ hosts, ssh }: Cluster): object[] {
  const groups: { key: string; ips: string[]; fields: object }[] = [];
  for (const host of hosts) {
    const fields = groupFields(host);
    const key = JSON.stringify(fields);
    const last = groups.at(-1);
    const ip = `${host.address}:${host.port ?? host.ssh.port ?? ssh.port ?? 22}`;
    if (last?.key === key) last.ips.push(ip);
    else groups.push({ key, ips: [ip], fields });
  }
  return groups.map(({ ips, fields }) => ({ ips, ...fields }));
}

function groupFields({ roles, env, ssh }: HostSpec): object {
  const settings = renderSsh(ssh);
  return {
    roles,
    ...(Object.keys(env).length > 0 ? { env: toEntries(env) } : {}),
    ...(Object.keys(settings).length > 0 ? { ssh: settings } : {}),
  };
}

function renderSsh({ user, password, privateKeyFile, privateKey, passphrase, port }: SshSettings): object {
  const fields = {
    user,
    passwd: password?.reveal(),
    pk: privateKeyFile,
    pkData: privateKey?.reveal(),
    pkPasswd: passphrase?.reveal(),
    port,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function toEntries(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}
