import type { Context } from "../../base/context.ts";
import type { Platform } from "../../oci/platform.ts";
import { openOrigin } from "../add-layer.ts";
import type { RunStep } from "../build-plan.ts";
import type { Place } from "../place.ts";
import type { StageRun } from "../stage-run.ts";
import type { Stage } from "../stage.ts";
import type { BuiltLayer } from "../write-layers.ts";
import type { MountSurroundings } from "./prepare-mounts.ts";
import type { RunFlags } from "./run-flags.ts";
import { DEFAULT_RUN_SETTINGS, type RunSettings } from "./run-settings.ts";

export interface CommandRequest {
  readonly stage: Stage;
  readonly step: RunStep;
  readonly platform: Platform;
}

export interface PreparedCommand extends CommandRequest {
  readonly flags: RunFlags;
  readonly argv: readonly string[];
  /** What is there already, the lowest layer first. */
  readonly below: readonly BuiltLayer[];
  readonly place: Place;
}

export function settingsOf({ environment }: StageRun): RunSettings {
  return environment.commands ?? DEFAULT_RUN_SETTINGS;
}

/** Opens the files that the `from` of a mount means. */
export function mountOrigins(
  ctx: Context,
  { step, platform }: PreparedCommand,
  run: StageRun,
): MountSurroundings["openFrom"] {
  return (from, { span }) => {
    const origin = from === undefined ? { kind: "context" as const } : step.origins.get(from);
    if (!origin) throw new Error(`The mount from "${from}" was not planned`);
    return openOrigin(ctx, { span, from: origin, platform }, run);
  };
}
