import { mapLimit, settleLimit } from "../base/concurrency.ts";
import { runTask, type Context } from "../base/context.ts";
import { InputError, KnownError } from "../base/error.ts";
import { readFacts, type Facts } from "../hosts/facts.ts";
import type { Transport } from "../hosts/transport.ts";
import { kubeadmRuntime } from "../runtimes/kubeadm/kubeadm.ts";
import type { Runtime } from "../runtimes/runtime.ts";
import { isControlPlane, type Clusterfile, type HostSpec } from "./cluster.ts";
import type { ClusterImage } from "./cluster-image.ts";
import { firstControlPlane } from "./clusterfile/parse.ts";
import { environmentOf } from "./environment.ts";
import { StepJournal } from "./journal.ts";
import type { HostTree } from "./tree/host-tree.ts";
import { hostPaths, type HostPaths } from "./paths.ts";
import type { RegistryAccess } from "./registry-access.ts";

/** A machine of the cluster and the way to it. */
export interface ClusterHost extends HostSpec {
  readonly transport: Transport;
}

/** What looking at a host gave. */
export type Observation =
  | { readonly host: ClusterHost; readonly facts: Facts }
  | { readonly host: ClusterHost; readonly error: unknown };

export interface ClusterRunOptions {
  readonly clusterfile: Clusterfile;
  readonly hosts: readonly ClusterHost[];
  /** Finds an image locally or in a registry and opens its files. */
  readonly mountImage: (ctx: Context, name: string) => Promise<ClusterImage>;
  readonly openRegistryAccess: (ctx: Context, run: ClusterRun) => Promise<RegistryAccess>;
  /** On the hosts, absolute. */
  readonly dataRoot: string;
  /** Of sealos itself. */
  readonly version: string;
  /** False: no host is looked at, each counts as empty. */
  readonly looksAtHosts: boolean;
  /** Run the commands of images again that have run already. */
  readonly force: boolean;
}

/** The host was left alone, as asked for. */
export class NotLookedAtError extends KnownError {
  constructor() {
    super("HOST_NOT_LOOKED_AT", "not looked at, taken for empty");
  }
}

/** Hosts that are looked at at the same time. */
export const LOOKS_AT_ONCE = 32;
const IMAGES_AT_ONCE = 4;

/**
 * One run over a cluster: what is wanted, and what was found out on the way. Everything is looked at once, when it is
 * first needed, and remembered.
 */
export class ClusterRun {
  readonly options: ClusterRunOptions;
  readonly paths: HostPaths;
  readonly runtime: Runtime;
  /** Bytes of content sent to each address. */
  readonly sentBytes = new Map<string, number>();
  readonly #journals = new Map<string, Promise<StepJournal>>();
  readonly #trees = new Map<string, Promise<HostTree>>();
  #observations: Promise<readonly Observation[]> | undefined;
  #images: Promise<readonly ClusterImage[]> | undefined;
  #registryAccess: Promise<RegistryAccess> | undefined;

  constructor(options: ClusterRunOptions) {
    this.options = options;
    this.paths = hostPaths(options.dataRoot, options.clusterfile.cluster.name);
    this.runtime = kubeadmRuntime(this.paths.etc);
  }

  get name(): string {
    return this.options.clusterfile.cluster.name;
  }

  get hosts(): readonly ClusterHost[] {
    return this.options.hosts;
  }

  get controlPlanes(): readonly ClusterHost[] {
    return this.hosts.filter(isControlPlane);
  }

  get workers(): readonly ClusterHost[] {
    return this.hosts.filter((host) => !isControlPlane(host));
  }

  get firstControlPlane(): ClusterHost {
    return firstControlPlane(this.hosts);
  }

  /** Where the cluster's registry runs. */
  get registryHost(): ClusterHost {
    return this.hosts.find(({ roles }) => roles.includes("registry")) ?? this.firstControlPlane;
  }

  /** Every host's facts, or why it could not be looked at. */
  observations(ctx: Context): Promise<readonly Observation[]> {
    this.#observations ??= this.options.looksAtHosts
      ? observeHosts(ctx, this.hosts)
      : Promise.resolve(this.hosts.map((host) => ({ host, error: new NotLookedAtError() })));
    return this.#observations;
  }

  /** @returns undefined when the host could not be looked at. */
  async findFacts(ctx: Context, { address }: HostSpec): Promise<Facts | undefined> {
    const observation = (await this.observations(ctx)).find(({ host }) => host.address === address);
    return observation && "facts" in observation ? observation.facts : undefined;
  }

  images(ctx: Context): Promise<readonly ClusterImage[]> {
    this.#images ??= mountImages(ctx, this.options);
    return this.#images;
  }

  /** The image that carries Kubernetes. @throws {InputError} when there is none or more than one. */
  async rootfs(ctx: Context): Promise<ClusterImage> {
    const [rootfs, second] = (await this.images(ctx)).filter(({ kind }) => kind === "rootfs");
    if (!rootfs) {
      throw new InputError("Cannot run a cluster without a rootfs image: none of the images is labelled as one", {
        hint: "Name an image that carries Kubernetes first, for instance kubernetes:v1.36.3",
      });
    }
    if (second) throw new InputError(`Cannot run two rootfs images at once: "${rootfs.name}" and "${second.name}"`);
    return rootfs;
  }

  registryAccess(ctx: Context): Promise<RegistryAccess> {
    this.#registryAccess ??= this.options.openRegistryAccess(ctx, this);
    return this.#registryAccess;
  }

  /** What was finished on a host; nothing when the host could not be looked at. */
  async journal(ctx: Context, host: ClusterHost): Promise<StepJournal> {
    const isReachable = (await this.findFacts(ctx, host)) !== undefined;
    const journal =
      this.#journals.get(host.address) ??
      (isReachable
        ? StepJournal.read(ctx, host.transport, this.paths.state)
        : Promise.resolve(StepJournal.empty(host.transport, this.paths.state)));
    this.#journals.set(host.address, journal);
    return journal;
  }

  /** What scripts, templates and commands of an image see on a host. */
  async environment(ctx: Context, image: ClusterImage, host: ClusterHost): Promise<Readonly<Record<string, string>>> {
    const { cluster, imageEnv } = this.options.clusterfile;
    const derived = await this.#derivedEnvironment(ctx, host);
    const sources = { cluster, host, commandLine: imageEnv[image.name] ?? {}, derived };
    return environmentOf(image, sources, this.options.version);
  }

  /** Makes a tree once in this run. */
  tree(key: string, make: () => Promise<HostTree>): Promise<HostTree> {
    const tree = this.#trees.get(key) ?? make();
    this.#trees.set(key, tree);
    return tree;
  }

  countSent(host: HostSpec, sizeBytes: number): void {
    this.sentBytes.set(host.address, (this.sentBytes.get(host.address) ?? 0) + sizeBytes);
  }

  async #derivedEnvironment(ctx: Context, host: ClusterHost): Promise<Readonly<Record<string, string>>> {
    const { username, password } = await this.registryAccess(ctx);
    const facts = await this.findFacts(ctx, host);
    return {
      registryUsername: username,
      registryPassword: password.reveal(),
      registryAuthorization: Buffer.from(`${username}:${password.reveal()}`).toString("base64"),
      restrictOomScoreAdj: String(facts !== undefined && !facts.hasSysResource),
    };
  }
}

async function observeHosts(ctx: Context, hosts: readonly ClusterHost[]): Promise<readonly Observation[]> {
  const outcomes = await settleLimit(ctx, { items: hosts, limit: LOOKS_AT_ONCE }, (inner, host) =>
    runTask(inner, host.address, (task) => readFacts(task, host.transport)),
  );
  return outcomes.map((outcome) =>
    outcome.ok ? { host: outcome.item, facts: outcome.value } : { host: outcome.item, error: outcome.error },
  );
}

async function mountImages(ctx: Context, options: ClusterRunOptions): Promise<readonly ClusterImage[]> {
  const items = options.clusterfile.cluster.images;
  return mapLimit(ctx, { items, limit: IMAGES_AT_ONCE }, (inner, name) =>
    runTask(inner, name, (task) => options.mountImage(task, name)),
  );
}
