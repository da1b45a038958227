import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { runTask, type Context } from "../../base/context.ts";
import { lazily } from "../../base/lazily.ts";
import { openLayersTree } from "../base-image.ts";
import type { StageRun } from "../stage-run.ts";
import type { Stage } from "../stage.ts";
import { toTime } from "../time.ts";
import type { BuiltLayer } from "../write-layers.ts";
import { toChangedEntries } from "./changed-files.ts";
import { collectChanges } from "./collect-changes.ts";
import { commandArgv } from "./command-argv.ts";
import { identifyCommand } from "./command-identity.ts";
import { performCommand } from "./perform-command.ts";
import { mountOrigins, settingsOf, type CommandRequest, type PreparedCommand } from "./prepared-command.ts";
import { readRunFlags } from "./run-flags.ts";
import { UnpackedLayers } from "./unpacked-layers.ts";
import { removeAs } from "./user-namespace.ts";

/** Runs the command of a RUN on what the stage has so far; what it changes is the stage's next layer. */
export async function runInstruction(ctx: Context, request: CommandRequest, run: StageRun): Promise<Stage> {
  const { stage, step } = request;
  const { instruction } = step;
  const { source, escape, epoch } = run.plan;
  const place = { source, span: instruction.span };
  const flags = readRunFlags(instruction, { place, expansion: { escape, variables: stage.state.variables } });
  const below = await run.layers.writeAll(ctx, stage.layers);
  const layer = await runTask(ctx, instruction.text, async (task) => {
    const command = { ...request, flags, below, place, argv: commandArgv(instruction, stage.state.config.Shell) };
    const identity = await identify(task, command, run);
    return run.layers.writeCommand(task, { identity, below }, (inner) => makeLayer(inner, command, run));
  });
  const layers = [...below, layer];
  return {
    ...stage,
    layers: [...stage.layers, { kind: "stored", ...layer }],
    history: [...stage.history, { created: toTime(epoch), created_by: instruction.text }],
    openTree: lazily(() => openLayersTree(ctx, run.environment.store, layers)),
  };
}

async function identify(ctx: Context, command: PreparedCommand, run: StageRun): Promise<string | undefined> {
  const { kind } = await run.namespace.open(ctx);
  return identifyCommand(ctx, {
    ...command,
    settings: settingsOf(run),
    keepsOwners: kind !== "single",
    epoch: run.plan.epoch,
    openFrom: mountOrigins(ctx, command, run),
    keyOf: (inner, entries) => run.layers.keyOf(inner, entries),
  });
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
    await performCommand(ctx, { command, tree, layers, folder, namespace, resources }, run);
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
