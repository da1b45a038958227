import { FunctionError } from "../error.ts";
import { trimSpace } from "../sprig/characters.ts";
import { compareStrings } from "../value/bytes.ts";
import type { GoMap } from "../value/value.ts";
import { readYaml } from "../yaml/read-yaml.ts";
import { ChartError } from "./errors.ts";

/** One rendered document. */
export interface Manifest {
  /** Path of the template, with the names of the charts. */
  readonly path: string;
  readonly content: string;
  readonly kind: string;
  /** When it is a hook: what it waits for, `pre-install` and the like. */
  readonly hooks: readonly string[];
}

const INSTALL_ORDER = [
  "PriorityClass",
  "Namespace",
  "NetworkPolicy",
  "ResourceQuota",
  "LimitRange",
  "PodSecurityPolicy",
  "PodDisruptionBudget",
  "ServiceAccount",
  "Secret",
  "SecretList",
  "ConfigMap",
  "StorageClass",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "CustomResourceDefinition",
  "ClusterRole",
  "ClusterRoleList",
  "ClusterRoleBinding",
  "ClusterRoleBindingList",
  "Role",
  "RoleList",
  "RoleBinding",
  "RoleBindingList",
  "Service",
  "DaemonSet",
  "Pod",
  "ReplicationController",
  "ReplicaSet",
  "Deployment",
  "HorizontalPodAutoscaler",
  "StatefulSet",
  "Job",
  "CronJob",
  "IngressClass",
  "Ingress",
  "APIService",
];
const HOOK_EVENTS = new Set([
  "pre-install",
  "post-install",
  "pre-delete",
  "post-delete",
  "pre-upgrade",
  "post-upgrade",
  "pre-rollback",
  "post-rollback",
  "test",
  "test-success",
]);

/** The documents of all files in the order in which Helm installs them. @throws {ChartError} when one is no YAML. */
export function sortManifests(files: ReadonlyMap<string, string>): readonly Manifest[] {
  const manifests = [...files]
    .sort(([a], [b]) => compareStrings(a, b))
    .flatMap(([path, content]) => splitManifests(content).flatMap((document) => readManifest(path, document)));
  return manifests.sort((a, b) => compareKinds(a.kind, b.kind));
}

/** Splits a stream of YAML documents at the lines of dashes. */
export function splitManifests(text: string): readonly string[] {
  return trimSpace(text)
    .split(/(?:^|[\t\n\f\r ]*\n)---[\t\n\f\r ]*/)
    .filter((document) => document !== "")
    .map(trimSpace);
}

function readManifest(path: string, content: string): readonly Manifest[] {
  const head = readHead(path, content);
  const kind = head.get("kind");
  const metadata = head.get("metadata");
  const annotations = metadata instanceof Map ? metadata.get("annotations") : undefined;
  const hook = annotations instanceof Map ? annotations.get("helm.sh/hook") : undefined;
  const hooks = typeof hook === "string" ? hook.split(",").map((event) => trimSpace(event).toLowerCase()) : [];
  if (hooks.some((event) => !HOOK_EVENTS.has(event))) return [];
  return [{ path, content, kind: typeof kind === "string" ? kind : "", hooks }];
}

function readHead(path: string, content: string): GoMap {
  try {
    const value = readYaml(content);
    if (value instanceof Map) return value;
    if (value === null) return new Map();
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    throw new ChartError(`YAML parse error on ${path}: ${error.message}`, { cause: error });
  }
  throw new ChartError(`YAML parse error on ${path}: the document is no map`);
}

/** Known kinds in install order, then unknown ones by name. */
function compareKinds(a: string, b: string): number {
  const first = INSTALL_ORDER.indexOf(a);
  const second = INSTALL_ORDER.indexOf(b);
  if (first < 0 && second < 0) return compareStrings(a, b);
  if (first < 0 || second < 0) return first < 0 ? 1 : -1;
  return first - second;
}
