import type { BuildEnvironment } from "./build-environment.ts";
import type { BuildPlan } from "./build-plan.ts";
import type { Stage } from "./stage.ts";

/** What the stages of one build share. */
export class StageRun {
  readonly plan: BuildPlan;
  readonly environment: BuildEnvironment;
  readonly #stages: ReadonlyMap<number, Stage>;
  readonly #notes: Set<string>;
  readonly #temporaries: Set<string>;

  constructor(
    plan: BuildPlan,
    environment: BuildEnvironment,
    shared: { stages: ReadonlyMap<number, Stage>; notes: Set<string>; temporaries: Set<string> },
  ) {
    this.plan = plan;
    this.environment = environment;
    this.#stages = shared.stages;
    this.#notes = shared.notes;
    this.#temporaries = shared.temporaries;
  }

  /** A stage that has been run: the plan has them in the order of their needs. */
  stageAt(index: number): Stage {
    const stage = this.#stages.get(index);
    if (!stage) throw new Error(`Stage ${index} has not been run`);
    return stage;
  }

  /** The same build with instructions that stand in another document. */
  within(plan: BuildPlan): StageRun {
    return new StageRun(plan, this.environment, {
      stages: this.#stages,
      notes: this.#notes,
      temporaries: this.#temporaries,
    });
  }

  /** For the user, once. */
  note(text: string): void {
    this.#notes.add(text);
  }

  /** A path for a file that layers are made of: it goes when the build ends. */
  temporaryFile(): string {
    const path = this.environment.store.createTemporary();
    this.#temporaries.add(path);
    return path;
  }
}
