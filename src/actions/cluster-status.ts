import { settleLimit } from "../base/concurrency.ts";
import type { Context } from "../base/context.ts";
import { messageOf } from "../base/error.ts";
import { firstControlPlane } from "../cluster/clusterfile/parse.ts";
import type { ClusterHost } from "../cluster/cluster-run.ts";
import { command, shell } from "../hosts/command.ts";
import { isPlainObject } from "../kubernetes/merge.ts";
import type { ClusterEnvironment } from "./cluster-environment.ts";
import { closeHosts, connectHosts } from "./connect-hosts.ts";
import { loadCluster } from "./stored-cluster.ts";

export interface HostStatus {
  readonly address: string;
  readonly roles: readonly string[];
  /** systemd unit → `active`, `failed`, `inactive`; empty when the host cannot be reached. */
  readonly units: Readonly<Record<string, string>>;
  readonly error?: string;
}

export interface NodeStatus {
  readonly name: string;
  readonly address: string;
  readonly isReady: boolean;
  readonly version: string;
}

export interface PodSummary {
  readonly running: number;
  /** Jobs that are done. */
  readonly completed: number;
  /** `namespace/name: state` of every other pod. */
  readonly others: readonly string[];
}

export interface ClusterStatus {
  readonly name: string;
  readonly phase: string | undefined;
  readonly images: readonly string[];
  readonly hosts: readonly HostStatus[];
  readonly nodes: readonly NodeStatus[];
  readonly pods: PodSummary;
  /** Why Kubernetes could not be asked. */
  readonly error?: string;
  readonly isHealthy: boolean;
}

const UNITS = ["containerd", "kubelet"];
const HOSTS_AT_ONCE = 32;
const QUERY_TIMEOUT_MS = 20_000;

/** What a cluster's hosts and its API server say now. Hosts that do not answer are part of the answer. */
export async function clusterStatus(
  ctx: Context,
  environment: ClusterEnvironment,
  name: string,
): Promise<ClusterStatus> {
  const { cluster, phase } = await loadCluster(environment.runtimeRoot, name);
  const connected = connectHosts(cluster, environment);
  try {
    const outcomes = await settleLimit(ctx, { items: connected, limit: HOSTS_AT_ONCE }, hostStatus);
    const hosts = outcomes.map((outcome) => (outcome.ok ? outcome.value : failedHost(outcome.item, outcome.error)));
    const kubernetes = await kubernetesStatus(ctx, firstControlPlane(connected));
    const isHealthy =
      kubernetes.error === undefined &&
      kubernetes.nodes.length === hosts.length &&
      kubernetes.nodes.every(({ isReady }) => isReady) &&
      kubernetes.pods.others.length === 0 &&
      hosts.every(
        ({ units, error }) => error === undefined && Object.values(units).every((state) => state === "active"),
      );
    return { name, phase, images: cluster.images, hosts, ...kubernetes, isHealthy };
  } finally {
    await closeHosts(connected);
  }
}

async function hostStatus(ctx: Context, { address, roles, transport }: ClusterHost): Promise<HostStatus> {
  const query = shell('systemctl is-active "$@" || true', UNITS, { timeoutMs: QUERY_TIMEOUT_MS });
  const { stdout } = await transport.query(ctx, query);
  const states = stdout.trim().split("\n");
  return { address, roles, units: Object.fromEntries(UNITS.map((unit, index) => [unit, states[index] ?? "unknown"])) };
}

function failedHost({ address, roles }: ClusterHost, error: unknown): HostStatus {
  return { address, roles, units: {}, error: messageOf(error) };
}

async function kubernetesStatus(ctx: Context, { transport }: ClusterHost) {
  const kubectl = ["kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf", "--request-timeout=10s"] as const;
  const options = { timeoutMs: QUERY_TIMEOUT_MS };
  try {
    const answer = await transport.query(ctx, command([...kubectl, "get", "nodes,pods", "-A", "-o", "json"], options));
    const items = itemsOf(JSON.parse(answer.stdout));
    return { nodes: items.filter(isKind("Node")).map(toNode), pods: summarize(items.filter(isKind("Pod"))) };
  } catch (error) {
    return { nodes: [], pods: summarize([]), error: messageOf(error) };
  }
}

/** An object of the Kubernetes API, read field by field. */
type ApiObject = Readonly<Record<string, unknown>>;

function itemsOf(list: unknown): ApiObject[] {
  const items: unknown = isPlainObject(list) ? list["items"] : undefined;
  return Array.isArray(items) ? items.filter(isPlainObject) : [];
}

function isKind(kind: string): (item: ApiObject) => boolean {
  return (item) => item["kind"] === kind;
}

function field(object: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (isPlainObject(value) ? value[key] : undefined), object);
}

function textField(object: unknown, ...path: readonly string[]): string {
  const value = field(object, ...path);
  return typeof value === "string" ? value : "";
}

function toNode(node: ApiObject): NodeStatus {
  return {
    name: textField(node, "metadata", "name"),
    address: textField(listed(node, "addresses", "InternalIP"), "address"),
    isReady: textField(listed(node, "conditions", "Ready"), "status") === "True",
    version: textField(node, "status", "nodeInfo", "kubeletVersion"),
  };
}

function summarize(pods: readonly ApiObject[]): PodSummary {
  const described = pods.map((pod) => ({
    name: `${textField(pod, "metadata", "namespace")}/${textField(pod, "metadata", "name")}`,
    state: stateOf(pod),
  }));
  return {
    running: described.filter(({ state }) => state === "Running").length,
    completed: described.filter(({ state }) => state === "Succeeded").length,
    others: described
      .filter(({ state }) => state !== "Running" && state !== "Succeeded")
      .map(({ name, state }) => `${name}: ${state}`),
  };
}

/** The pod's phase; one that runs without being ready is told apart. */
function stateOf(pod: ApiObject): string {
  const phase = textField(pod, "status", "phase");
  return phase === "Running" && textField(listed(pod, "conditions", "Ready"), "status") !== "True"
    ? "Running, not ready"
    : phase;
}

/** The entry of a status list whose `type` is as wanted. */
function listed(object: ApiObject, list: string, type: string): unknown {
  const entries = field(object, "status", list);
  return Array.isArray(entries) ? entries.find((entry: unknown) => textField(entry, "type") === type) : undefined;
}
