import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { LayerEntry } from "../../src/archive/tar-entry.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { NotFoundError } from "../../src/base/error.ts";
import type { BuildEnvironment } from "../../src/build/build-environment.ts";
import type { PlanOptions } from "../../src/build/build-plan.ts";
import type { FileTree } from "../../src/build/context/file-tree.ts";
import { planBuild } from "../../src/build/plan.ts";
import { runStages } from "../../src/build/run-stages.ts";
import { StageRun } from "../../src/build/stage-run.ts";
import { toExecutionConfig } from "../../src/build/stage-state.ts";
import type { Stage } from "../../src/build/stage.ts";
import { parseKubefile } from "../../src/kubefile/parse.ts";
import type { ExecutionConfig } from "../../src/oci/image-config.ts";
import { ImageStore } from "../../src/store/image-store.ts";

export const AMD64 = { os: "linux", architecture: "amd64" } as const;

export interface RunOptions extends Partial<PlanOptions> {
  readonly context?: FileTree;
  readonly contexts?: Readonly<Record<string, FileTree>>;
  /** How many stages at once; default one. */
  readonly jobs?: number;
}

/** What the last stage of a Kubefile comes to, before anything is written. */
export interface RunResult {
  readonly stage: Stage;
  readonly config: ExecutionConfig;
  /** One list a layer: `path mode uid:gid`, a folder with a slash, a link with its target. */
  readonly layers: readonly (readonly string[])[];
  readonly notes: readonly string[];
}

/** Plans and runs a Kubefile whose stages need no image. */
export async function runBuild(
  kubefile: string,
  { context, contexts = {}, jobs = 1, ...options }: RunOptions = {},
): Promise<RunResult> {
  const ctx = backgroundContext();
  const folder = await mkdtemp(join(tmpdir(), "build-"));
  await using store = await ImageStore.open(ctx, folder);
  const environment = environmentOf(store, context, contexts);
  const buildContexts = Object.keys(contexts);
  const plan = planBuild(parseKubefile(kubefile, "Kubefile"), { platform: AMD64, buildContexts, ...options });
  const run = new StageRun(plan, environment);
  try {
    await runStages(ctx, { stages: plan.stages, run, jobs });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const stage = run.stageAt(plan.stages.at(-1)?.index ?? 0);
  return { stage, config: toExecutionConfig(stage.state), layers: layersOf(stage), notes: run.notes };
}

function environmentOf(
  store: ImageStore,
  context: FileTree | undefined,
  contexts: Readonly<Record<string, FileTree>>,
): BuildEnvironment {
  return {
    store,
    context: context ?? { find: () => undefined, list: () => [] },
    buildContexts: new Map(Object.entries(contexts)),
    findImage: async (_, name) => {
      throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot find image "${name}"`);
    },
  };
}

function layersOf({ layers }: Stage): string[][] {
  return layers.map((layer) => (layer.kind === "planned" ? layer.entries.map(renderEntry) : ["stored"]));
}

function renderEntry({ entry }: LayerEntry): string {
  const { path, type, mode, uid, gid, linkTarget } = entry;
  const name = type === "directory" ? `${path}/` : path;
  return `${name} ${mode.toString(8)} ${uid}:${gid}${linkTarget === undefined ? "" : ` -> ${linkTarget}`}`;
}
