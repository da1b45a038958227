import type { Clusterfile } from "./cluster.ts";

type Environment = Readonly<Record<string, string>>;

/**
 * The Clusterfile with another login for the registry, in every environment that names one: what is written there wins
 * over what sealos keeps.
 */
export function withRegistryLogin(
  clusterfile: Clusterfile,
  { username, password }: { readonly username: string; readonly password: string },
): Clusterfile {
  const change = (env: Environment): Environment => ({
    ...env,
    ...("registryUsername" in env && { registryUsername: username }),
    ...("registryPassword" in env && { registryPassword: password }),
  });
  const { cluster, imageEnv } = clusterfile;
  return {
    ...clusterfile,
    cluster: {
      ...cluster,
      env: change(cluster.env),
      hosts: cluster.hosts.map((host) => ({ ...host, env: change(host.env) })),
    },
    imageEnv: Object.fromEntries(Object.entries(imageEnv).map(([image, env]) => [image, change(env)])),
  };
}
