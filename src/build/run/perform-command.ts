import type { Context } from "../../base/context.ts";
import { placeOf } from "../../kubefile/source.ts";
import { renderPlatform } from "../../oci/platform.ts";
import type { MemoryTree } from "../context/memory-tree.ts";
import { atPlace } from "../place.ts";
import type { StageRun } from "../stage-run.ts";
import { sandboxCapabilities } from "./capabilities.ts";
import { commandEnvironment } from "./command-environment.ts";
import { findCommandUser } from "./command-user.ts";
import { RunError } from "./errors.ts";
import { prepareMounts } from "./prepare-mounts.ts";
import { mountOrigins, settingsOf, type PreparedCommand } from "./prepared-command.ts";
import { runSandbox, type CommandEnd } from "./run-sandbox.ts";
import { networkOf } from "./run-settings.ts";
import { prepareOverlay } from "./sandbox-folder.ts";
import type { Sandbox } from "./sandbox-script.ts";
import type { UserNamespace } from "./user-namespace.ts";

export interface Performance {
  readonly command: PreparedCommand;
  readonly tree: MemoryTree;
  /** Folders, the topmost layer first. */
  readonly layers: readonly string[];
  readonly folder: string;
  readonly namespace: UserNamespace;
  readonly resources: AsyncDisposableStack;
}

const ALONE =
  "Commands that need other users than root: give this user numbers in /etc/subuid and /etc/subgid, and install uidmap";

/** Runs a command on its layers; what it changes is then in `upper` of the folder. @throws {RunError} */
export async function performCommand(ctx: Context, performance: Performance, run: StageRun): Promise<void> {
  const { command, tree, layers, folder, namespace } = performance;
  const { stage, step, flags, place } = command;
  const settings = settingsOf(run);
  const { config, variables } = stage.state;
  const user = atPlace(place, () => findCommandUser(config.User, { tree, added: settings.groups }));
  const workingDirectory = config.WorkingDir ?? "/";
  const { mounts, secrets, environment } = await prepareMounts(ctx, flags.mounts, {
    ...performance,
    workingDirectory,
    store: run.environment.store,
    settings,
    openFrom: mountOrigins(ctx, command, run),
  });
  const own = ["proc", "sys", "dev"].map((target) => ({ target, isFolder: true }));
  const others = mounts.map((mount) => ({ target: mount.target, isFolder: mount.kind === "tmpfs" || mount.isFolder }));
  const points = [...own, ...others].filter(({ target }) => !tree.find(target));
  const count = await prepareOverlay(folder, { layers, points });
  const network = networkOf(flags.network, settings);
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
    argv: command.argv,
  };
  const end = await runSandbox(ctx, sandbox, namespace);
  const { exitCode, lastLines } = end;
  if (exitCode === 0) return;
  const { file, line } = placeOf(place.source, place.span.start);
  const ending = exitCode === undefined ? "was ended by a signal" : `exited with ${exitCode}`;
  throw new RunError(
    "RUN_FAILED",
    [`${file}:${line}: \`${step.instruction.text}\` ${ending}`, ...lastLines.map((text) => `  ${text}`)].join("\n"),
    { hint: isForeign(end) ? foreignHint(command) : namespace.kind === "single" ? ALONE : undefined },
  );
}

/** The kernel did not know what to do with the program. */
function isForeign({ exitCode, lastLines }: CommandEnd): boolean {
  return exitCode === 126 && lastLines.at(-1)?.endsWith("Exec format error") === true;
}

function foreignHint({ platform }: PreparedCommand): string {
  return (
    `Build on a machine that runs programs for ${renderPlatform(platform)}, or register an emulator for them ` +
    "(qemu-user-static, binfmt_misc); a script needs a first line with #!"
  );
}
