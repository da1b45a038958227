import type { LayerEntry } from "../../archive/tar-entry.ts";
import type { Context } from "../../base/context.ts";
import type { FileTree } from "../context/file-tree.ts";
import { atPlace, type Place } from "../place.ts";
import type { Stage } from "../stage.ts";
import type { Platform } from "../../oci/platform.ts";
import { findBindSource } from "./bind-source.ts";
import { decisiveVariables } from "./command-environment.ts";
import type { PlacedMount, RunFlags } from "./run-flags.ts";
import type { RunMount } from "./run-mount.ts";
import { networkOf, type RunSettings } from "./run-settings.ts";

export interface CommandIdentityRequest {
  readonly stage: Stage;
  readonly flags: RunFlags;
  readonly argv: readonly string[];
  readonly platform: Platform;
  readonly settings: RunSettings;
  /** Whether files keep the owners that the command gives them. */
  readonly keepsOwners: boolean;
  readonly epoch: number;
  readonly openFrom: (from: string | undefined, place: Place) => Promise<FileTree>;
  /** The key of files by their content; their times do not count. */
  readonly keyOf: (ctx: Context, entries: readonly LayerEntry[]) => Promise<string | undefined>;
}

/**
 * All that the result of a command depends on besides the layers below it, as one text. Secrets and agents count by name:
 * what they are must not be found out from a cache, and what cache mounts hold may be missing at any time.
 * @returns undefined for a command that sees what nobody can tell
 */
export async function identifyCommand(ctx: Context, request: CommandIdentityRequest): Promise<string | undefined> {
  const { stage, flags, argv, platform, settings, keepsOwners, epoch } = request;
  if (settings.volumes.length > 0) return undefined;
  const mounts = [];
  for (const mount of flags.mounts) {
    const described = await describeMount(ctx, mount, request);
    if (described === undefined) return undefined;
    mounts.push(described);
  }
  const { config, variables } = stage.state;
  const { names, limits, capabilities, groups, shmSizeBytes = null } = settings;
  return JSON.stringify([
    argv,
    [...decisiveVariables(variables)],
    [config.User ?? "", config.WorkingDir ?? ""],
    networkOf(flags.network, settings),
    [names, limits, capabilities, groups, shmSizeBytes],
    [platform, keepsOwners, epoch],
    mounts,
  ]);
}

async function describeMount(
  ctx: Context,
  { mount, place }: PlacedMount,
  { openFrom, keyOf }: CommandIdentityRequest,
): Promise<readonly [RunMount, string] | undefined> {
  const showsFiles = mount.type === "bind" || (mount.type === "cache" && mount.from !== undefined);
  if (!showsFiles) return [mount, ""];
  const tree = await openFrom(mount.from, place);
  const { entries } = atPlace(place, () => findBindSource(tree, mount.source));
  const key = await keyOf(ctx, entries.map(timeless));
  return key === undefined ? undefined : [mount, key];
}

function timeless({ entry, ...rest }: LayerEntry): LayerEntry {
  return { ...rest, entry: { ...entry, mtime: 0 } };
}
