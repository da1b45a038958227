import type { Context } from "../base/context.ts";
import type { Clusterfile } from "../cluster/cluster.ts";
import { ClusterRun } from "../cluster/cluster-run.ts";
import { planPhases, runPhases, type Phase, type PhasePlan, type PhaseReport } from "../cluster/phase.ts";
import { operatorPaths } from "../cluster/paths.ts";
import { CHANGING_PHASES, PREPARING_PHASES } from "../cluster/phases/create.ts";
import { openRegistryAccess, type RegistryAccess } from "../cluster/registry-access.ts";
import type { ClusterEnvironment } from "./cluster-environment.ts";
import { recordClusterImages } from "./cluster-images.ts";
import { closeHosts, connectHosts } from "./connect-hosts.ts";
import { mountImage } from "./mount-image.ts";
import { saveCluster } from "./stored-cluster.ts";

export interface ConvergeOptions {
  /** Run the images' commands again although they have run. */
  readonly force: boolean;
  /**
   * Only say what would be done. Hosts that cannot be reached count as empty; `unseen`: all do, and none is contacted.
   */
  readonly dryRun: false | "seen" | "unseen";
  /** What may be changed; default: everything. */
  readonly phases?: readonly Phase<ClusterRun>[];
}

export type ConvergeResult =
  | { readonly kind: "planned"; readonly phases: readonly PhasePlan[] }
  | {
      readonly kind: "converged";
      readonly cluster: string;
      readonly phases: readonly PhaseReport[];
      /** Bytes of content sent to each host. */
      readonly sentBytes: Readonly<Record<string, number>>;
    };

/**
 * Makes the cluster what the Clusterfile says. Nothing is changed before every host and image has been looked at; what
 * is finished already is not repeated, so that the same call goes on after a failure.
 */
export async function convergeCluster(
  ctx: Context,
  environment: ClusterEnvironment,
  { clusterfile, force, dryRun, phases = CHANGING_PHASES }: ConvergeOptions & { clusterfile: Clusterfile },
): Promise<ConvergeResult> {
  const hosts = connectHosts(clusterfile.cluster, environment);
  const run = new ClusterRun({
    clusterfile,
    hosts,
    mountImage: (inner, name) => mountImage(inner, environment, name),
    openRegistryAccess: (inner, cluster) => openAccess(inner, environment, { run: cluster, isTrial: dryRun !== false }),
    dataRoot: environment.dataRoot,
    version: environment.version,
    looksAtHosts: dryRun !== "unseen",
    force,
  });
  try {
    if (dryRun !== false) {
      return { kind: "planned", phases: await planPhases(ctx, [...PREPARING_PHASES, ...phases], run) };
    }
    return await perform(ctx, environment, { run, phases });
  } finally {
    await closeHosts(hosts);
  }
}

async function perform(
  ctx: Context,
  environment: ClusterEnvironment,
  { run, phases }: { run: ClusterRun; phases: readonly Phase<ClusterRun>[] },
): Promise<ConvergeResult> {
  const { clusterfile } = run.options;
  const createdAt = clusterfile.createdAt ?? environment.now().toISOString();
  const save = (phase: Clusterfile["phase"]): Promise<void> =>
    saveCluster(environment.runtimeRoot, { ...clusterfile, createdAt, phase });

  const prepared = await runPhases(ctx, PREPARING_PHASES, run);
  await save("ClusterInProcess");
  const images = await run.images(ctx);
  await recordClusterImages(
    environment.runtimeRoot,
    run.name,
    images.map(({ digest }) => digest),
  );
  try {
    const changed = await runPhases(ctx, phases, run);
    await save(phases === CHANGING_PHASES ? "ClusterSuccess" : clusterfile.phase);
    const sentBytes = Object.fromEntries(run.hosts.map(({ address }) => [address, run.sentBytes.get(address) ?? 0]));
    return { kind: "converged", cluster: run.name, phases: [...prepared, ...changed], sentBytes };
  } catch (error) {
    await save("ClusterFailed");
    throw error;
  }
}

/** Credentials that the user chose in an environment win over generated ones. */
async function openAccess(
  ctx: Context,
  environment: ClusterEnvironment,
  { run, isTrial }: { run: ClusterRun; isTrial: boolean },
): Promise<RegistryAccess> {
  const rootfs = await run.rootfs(ctx);
  const { cluster, imageEnv } = run.options.clusterfile;
  const given = { ...cluster.env, ...run.registryHost.env, ...imageEnv[rootfs.name] };
  const domain = given["registryDomain"] ?? rootfs.env["registryDomain"] ?? "sealos.hub";
  return openRegistryAccess(ctx, operatorPaths(environment.runtimeRoot, run.name).registryAccess, {
    names: [domain, run.registryHost.address, "localhost", "127.0.0.1"],
    now: environment.now(),
    username: given["registryUsername"],
    password: given["registryPassword"],
    isTrial,
  });
}
