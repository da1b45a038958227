import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { runTask, type Context } from "../../base/context.ts";
import { lazily } from "../../base/lazily.ts";
import { placeOf } from "../../kubefile/source.ts";
import type { Platform } from "../../oci/platform.ts";
import { openOrigin } from "../add-layer.ts";
import { openLayersTree } from "../base-image.ts";
import type { RunStep } from "../build-plan.ts";
import type { MemoryTree } from "../context/memory-tree.ts";
import { atPlace, type Place } from "../place.ts";
import type { StageRun } from "../stage-run.ts";
import type { Stage } from "../stage.ts";
import { toTime } from "../time.ts";
import type { BuiltLayer } from "../write-layers.ts";
import { sandboxCapabilities } from "./capabilities.ts";
import { toChangedEntries } from "./changed-files.ts";
import { collectChanges } from "./collect-changes.ts";
import { commandArgv } from "./command-argv.ts";
import { commandEnvironment } from "./command-environment.ts";
import { findCommandUser } from "./command-user.ts";
import { RunError } from "./errors.ts";
import { prepareMounts } from "./prepare-mounts.ts";
import { readRunFlags, type RunFlags } from "./run-flags.ts";
import { runSandbox } from "./run-sandbox.ts";
import { DEFAULT_RUN_SETTINGS } from "./run-settings.ts";
import { prepareOverlay } from "./sandbox-folder.ts";
import type { Sandbox } from "./sandbox-script.ts";
import { UnpackedLayers } from "./unpacked-layers.ts";
import { removeAs, type UserNamespace } from "./user-namespace.ts";

export interface CommandRequest {
  readonly stage: Stage;
  readonly step: RunStep;
  readonly platform: Platform;
}

/** Runs the command of a RUN on what the stage has so far; what it changes is the stage's next layer. */
export async function runInstruction(ctx: Context, request: CommandRequest, run: StageRun): Promise<Stage> {
  const { stage, step } = request;
  const { instruction } = step;
  const { source, escape, epoch } = run.plan;
  const place = { source, span: instruction.span };
  const flags = readRunFlags(instruction, { place, expansion: { escape, variables: stage.state.variables } });
  const below = await run.layers.writeAll(ctx, stage.layers);
  const layer = await runTask(ctx, instruction.text, (task) =>
    makeLayer(task, { ...request, flags, below, place }, run),
  );
  const layers = [...below, layer];
  return {
    ...stage,
    layers: [...stage.layers, { kind: "stored", ...layer }],
    history: [...stage.history, { created: toTime(epoch), created_by: instruction.text }],
    openTree: lazily(() => openLayersTree(ctx, run.environment.store, layers)),
  };
}

interface PreparedCommand extends CommandRequest {
  readonly flags: RunFlags;
  /** What is there already, the lowest layer first. */
  readonly below: readonly BuiltLayer[];
  readonly place: Place;
}

async function makeLayer(ctx: Context, command: PreparedCommand, run: StageRun): Promise<BuiltLayer> {
  const { store } = run.environment;
  const namespace = await run.namespace.open(ctx);
  const tree = await command.stage.openTree(ctx);
  const unpacked = new UnpackedLayers(store, namespace);
  const layers: string[] = [];
  for (const layer of command.below.toReversed()) layers.push(await unpacked.open(ctx, layer));
  const folder = store.createTemporary();
  const tarPath = store.createTemporary();
  try {
    await mkdir(folder, { mode: 0o700 });
    await using resources = new AsyncDisposableStack();
    await perform(ctx, { command, tree, layers, folder, namespace, resources }, run);
    const upper = await collectChanges(ctx, namespace, { folder: join(folder, "upper"), tarPath });
    const keepsOwners = namespace.kind !== "single";
    const entries = toChangedEntries(upper, { before: tree, epoch: run.plan.epoch, keepsOwners });
    const layer = await run.layers.writeEntries(ctx, entries);
    await unpacked.adopt(join(folder, "upper"), layer.diffId);
    return layer;
  } finally {
    await rm(tarPath, { force: true });
    await removeAs(namespace, folder);
  }
}

interface Performance {
  readonly command: PreparedCommand;
  readonly tree: MemoryTree;
  /** Folders, the topmost layer first. */
  readonly layers: readonly string[];
  readonly folder: string;
  readonly namespace: UserNamespace;
  readonly resources: AsyncDisposableStack;
}

async function perform(ctx: Context, performance: Performance, run: StageRun): Promise<void> {
  const { command, tree, layers, folder, namespace } = performance;
  const { stage, step, flags, place } = command;
  const settings = run.environment.commands ?? DEFAULT_RUN_SETTINGS;
  const { config, variables } = stage.state;
  const user = atPlace(place, () => findCommandUser(config.User, tree));
  const workingDirectory = config.WorkingDir ?? "/";
  const { mounts, secrets, environment } = await prepareMounts(ctx, flags.mounts, {
    ...performance,
    workingDirectory,
    store: run.environment.store,
    settings,
    openFrom: (from, { span }) => {
      const origin = from === undefined ? { kind: "context" as const } : step.origins.get(from);
      if (!origin) throw new Error(`The mount from "${from}" was not planned`);
      return openOrigin(ctx, { span, from: origin, platform: command.platform }, run);
    },
  });
  const own = ["proc", "sys", "dev"].map((target) => ({ target, isFolder: true }));
  const others = mounts.map((mount) => ({ target: mount.target, isFolder: mount.kind === "tmpfs" || mount.isFolder }));
  const points = [...own, ...others].filter(({ target }) => !tree.find(target));
  const count = await prepareOverlay(folder, { layers, points });
  const network = flags.network ?? settings.network;
  const sandbox: Sandbox = {
    folder,
    layers: count,
    mounts,
    secrets,
    shmSizeBytes: settings.shmSizeBytes ?? 64 * 1024 * 1024,
    ownsSystem: namespace.kind === "host" || network === "none",
    hasNetwork: network !== "none",
    user: { ...user, groups: namespace.kind === "single" ? undefined : user.groups },
    capabilities: sandboxCapabilities(settings.capabilities),
    limits: settings.limits,
    environment: new Map([
      ...environment,
      ...commandEnvironment({
        variables,
        given: run.plan.arguments.given,
        proxies: settings.proxies,
        home: user.home,
      }),
    ]),
    workingDirectory,
    argv: commandArgv(step.instruction, config.Shell),
  };
  const { exitCode, lastLines } = await runSandbox(ctx, sandbox, namespace);
  if (exitCode === 0) return;
  const { file, line } = placeOf(place.source, place.span.start);
  const ending = exitCode === undefined ? "was ended by a signal" : `exited with ${exitCode}`;
  throw new RunError(
    "RUN_FAILED",
    [`${file}:${line}: \`${step.instruction.text}\` ${ending}`, ...lastLines.map((text) => `  ${text}`)].join("\n"),
  );
}
