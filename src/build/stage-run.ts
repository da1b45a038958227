import { XattrReader } from "../archive/xattr-reader.ts";
import type { BuildEnvironment } from "./build-environment.ts";
import type { BuildPlan } from "./build-plan.ts";
import { LazyNamespace } from "./run/user-namespace.ts";
import type { Stage } from "./stage.ts";
import { LayerWriter } from "./write-layers.ts";

/** What all stages of a build, and all documents that they come from, have in common. */
interface SharedState {
  readonly stages: Map<number, Stage>;
  readonly notes: Set<string>;
  readonly temporaries: Set<string>;
  readonly layers: LayerWriter;
  readonly xattrs: XattrReader;
  readonly namespace: LazyNamespace;
}

/** What the stages of one build share. */
export class StageRun {
  readonly plan: BuildPlan;
  readonly environment: BuildEnvironment;
  readonly #shared: SharedState;

  constructor(plan: BuildPlan, environment: BuildEnvironment, shared?: SharedState) {
    this.plan = plan;
    this.environment = environment;
    this.#shared = shared ?? {
      stages: new Map(),
      notes: new Set([...plan.notes, ...(environment.notes ?? [])]),
      temporaries: new Set(),
      layers: environment.layers ?? new LayerWriter(environment.store, { compression: plan.compression }),
      xattrs: new XattrReader(),
      namespace: new LazyNamespace(),
    };
  }

  /** What brings layers into the store, also in the middle of a stage. */
  get layers(): LayerWriter {
    return this.#shared.layers;
  }

  /** What tells the extended attributes of files in build contexts; whoever made the run disposes of it. */
  get xattrs(): XattrReader {
    return this.#shared.xattrs;
  }

  /** Where commands run; whoever made the run disposes of it. */
  get namespace(): LazyNamespace {
    return this.#shared.namespace;
  }

  /** What the user may want to know, in the order in which it was found. */
  get notes(): readonly string[] {
    return [...this.#shared.notes];
  }

  /** Paths that `temporaryFile` gave. */
  get temporaries(): readonly string[] {
    return [...this.#shared.temporaries];
  }

  /** A stage that has been run: the plan has them in the order of their needs. */
  stageAt(index: number): Stage {
    const stage = this.#shared.stages.get(index);
    if (!stage) throw new Error(`Stage ${index} has not been run`);
    return stage;
  }

  finish(index: number, stage: Stage): void {
    this.#shared.stages.set(index, stage);
  }

  /** The same build with instructions that stand in another document. */
  within(plan: BuildPlan): StageRun {
    return new StageRun(plan, this.environment, this.#shared);
  }

  /** For the user, once. */
  note(text: string): void {
    this.#shared.notes.add(text);
  }

  /** A path for a file that layers are made of: it goes when the build ends. */
  temporaryFile(): string {
    const path = this.environment.store.createTemporary();
    this.#shared.temporaries.add(path);
    return path;
  }
}
