import type { Context } from "../base/context.ts";
import type { Clusterfile } from "../cluster/cluster.ts";
import { operatorPaths } from "../cluster/paths.ts";
import { REGISTRY_LOGIN_PHASES } from "../cluster/phases/create.ts";
import { changeRegistryLogin, type RegistryLogin } from "../cluster/registry-access.ts";
import { withRegistryLogin } from "../cluster/registry-login.ts";
import type { ClusterEnvironment } from "./cluster-environment.ts";
import { convergeCluster } from "./converge-cluster.ts";
import { requireLoginSyntax } from "./set-registry-password.ts";
import { loadCluster, withCluster } from "./stored-cluster.ts";

export interface ChangedLogin {
  readonly cluster: string;
  readonly username: string;
  /** How many hosts know the login now. */
  readonly hosts: number;
  /** True when the cluster was made from a file that names the login: that file has the old one. */
  readonly isNamedByClusterfile: boolean;
}

/**
 * Gives the registry of a running cluster another login, and all hosts with it. Pods go on; between the change at the
 * registry and that at a host its pulls are refused, and made again by the kubelet. When a host fails, the same call,
 * or any run of the cluster, brings the rest.
 */
export async function changeClusterRegistryLogin(
  ctx: Context,
  environment: ClusterEnvironment,
  { cluster: name, ...login }: RegistryLogin & { readonly cluster: string },
): Promise<ChangedLogin> {
  requireLoginSyntax(login);
  const { runtimeRoot } = environment;
  return withCluster(ctx, { runtimeRoot, name }, async () => {
    const stored = await loadCluster(runtimeRoot, name);
    const { username, password } = await changeRegistryLogin(
      ctx,
      operatorPaths(runtimeRoot, name).registryAccess,
      login,
    );
    const clusterfile = withRegistryLogin(stored, { username, password: password.reveal() });
    const options = { force: false, dryRun: false, phases: REGISTRY_LOGIN_PHASES } as const;
    await convergeCluster(ctx, environment, { ...options, clusterfile });
    const isNamedByClusterfile = namesLogin(stored);
    return { cluster: name, username, hosts: stored.cluster.hosts.length, isNamedByClusterfile };
  });
}

function namesLogin({ cluster, imageEnv }: Clusterfile): boolean {
  const environments = [cluster.env, ...cluster.hosts.map(({ env }) => env), ...Object.values(imageEnv)];
  return environments.some((env) => "registryPassword" in env || "registryUsername" in env);
}
