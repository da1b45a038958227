import type { ClusterRun } from "../cluster-run.ts";
import type { Phase } from "../phase.ts";
import { bootstrapHosts } from "./bootstrap-hosts.ts";
import { distributeRootfs } from "./distribute-rootfs.ts";
import { initControlPlane } from "./init-control-plane.ts";
import { joinControlPlanes, joinWorkers } from "./join-hosts.ts";
import { mountImages } from "./mount-images.ts";
import { preflight } from "./preflight.ts";
import { renderConfig } from "./render-config.ts";
import { runApplications } from "./run-applications.ts";
import { syncRegistry } from "./sync-registry.ts";

/** What is done before anything is changed: every host and image is looked at, every template rendered. */
export const PREPARING_PHASES: readonly Phase<ClusterRun>[] = [preflight, mountImages, renderConfig];

/** From bare hosts to running applications; run again, only what is missing is done. */
export const CHANGING_PHASES: readonly Phase<ClusterRun>[] = [
  distributeRootfs,
  syncRegistry,
  bootstrapHosts,
  initControlPlane,
  joinControlPlanes,
  joinWorkers,
  runApplications,
];

/** What a change of the registry's login comes to: files and services of the hosts, nothing of Kubernetes. */
export const REGISTRY_LOGIN_PHASES: readonly Phase<ClusterRun>[] = [distributeRootfs, bootstrapHosts];
