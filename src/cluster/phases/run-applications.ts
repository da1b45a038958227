import type { Context } from "../../base/context.ts";
import { runTask } from "../../base/context.ts";
import { KnownError } from "../../base/error.ts";
import { printable } from "../../base/text.ts";
import { RemoteCommandError } from "../../hosts/errors.ts";
import { Secret } from "../../base/secret.ts";
import type { ClusterImage } from "../cluster-image.ts";
import type { ClusterHost, ClusterRun } from "../cluster-run.ts";
import { expandVariables, guestLines } from "../guest-command.ts";
import type { Phase, Step } from "../phase.ts";
import { scriptEnvironment } from "../scripts.ts";

const HOSTS_AT_ONCE = 16;

/** ENTRYPOINT and CMD of every image, one image after the other; a command that fails stops the run. */
export const runApplications: Phase<ClusterRun> = {
  name: "run-applications",
  title: "Run the images' commands",
  concurrency: HOSTS_AT_ONCE,
  async plan(ctx, run) {
    const waves: Step[][] = [];
    for (const [index, image] of (await run.images(ctx)).entries()) {
      const { command } = run.options.clusterfile.cluster;
      const lines = guestLines(image.entrypoint, index === 0 && command ? command : image.command);
      if (lines.length === 0) continue;
      const hosts = image.kind === "application" ? [run.firstControlPlane] : run.hosts;
      waves.push(await Promise.all(hosts.map((host) => guestStep(ctx, run, { host, image, lines }))));
    }
    return waves;
  },
};

interface Guest {
  readonly host: ClusterHost;
  readonly image: ClusterImage;
  readonly lines: readonly string[];
}

async function guestStep(ctx: Context, run: ClusterRun, guest: Guest): Promise<Step> {
  const { host, image, lines } = guest;
  const journal = await run.journal(ctx, host);
  const env = await run.environment(ctx, image, host);
  const name = `run-${image.digest.slice(7, 19)}`;
  const inputs = JSON.stringify([lastingEnvironment(env), lines.map((line) => expandVariables(line, env))]);
  return {
    title: image.kind === "application" ? image.name : `${host.address} ${image.name}`,
    isDone: journal.has(name, inputs) && !run.options.force,
    details: lines.map((line) => `run ${printable(line)}`),
    async perform(inner) {
      for (const [index, line] of lines.entries()) {
        await runTask(inner, printable(line), (task) => runLine(task, run, guest, { index, env }));
      }
      await journal.record(inner, name, inputs);
    },
  };
}

/** What changes in it is a reason to run the commands again; they name the registry's login where they need it. */
function lastingEnvironment(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !PASSING_NAMES.includes(name)));
}

const PASSING_NAMES = ["SEALOS_SYS_SEALOS_VERSION", "registryUsername", "registryPassword", "registryAuthorization"];

/** The line travels in the environment: it may hold expanded credentials, and arguments are visible to everybody. */
const RUN_LINE = 'line=$SEALOS_LINE; unset SEALOS_LINE; eval "$line"';

async function runLine(
  ctx: Context,
  run: ClusterRun,
  { host, image, lines }: Guest,
  { index, env }: { index: number; env: Readonly<Record<string, string>> },
): Promise<void> {
  const line = lines[index] ?? "";
  const cwd = image.kind === "application" ? run.paths.application(image.digest) : run.paths.rootfs;
  const guestEnv = { ...scriptEnvironment(env), SEALOS_LINE: new Secret(expandVariables(line, env)) };
  try {
    await host.transport.run(ctx, { argv: ["bash", "-c", RUN_LINE], cwd, env: guestEnv });
  } catch (error) {
    if (error instanceof RemoteCommandError) throw guestError(error, { image, line, host });
    throw error;
  }
}

function guestError(
  error: RemoteCommandError,
  { image, line, host }: Omit<Guest, "lines"> & { line: string },
): KnownError {
  const { exitCode, stderr } = error.failure;
  const lastLine = printable(stderr.trimEnd().split("\n").at(-1) ?? "");
  return new KnownError(
    "REMOTE_COMMAND_FAILED",
    `Cannot run "${image.name}" on ${host.address}: \`${printable(line)}\` exited with ${exitCode}: ${lastLine}`,
    { cause: error, hint: "Correct the cause and run the same command again: what is finished is not repeated" },
  );
}
