import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";

import { runTask, type Context } from "../../src/base/context.ts";
import { KnownError, UsageError } from "../../src/base/error.ts";
import { Progress } from "../../src/base/progress.ts";
import { renderTable } from "../../src/base/text.ts";
import { createReporter } from "../../src/cli/report/reporter.ts";
import { listLabs, openLab, startLab, stopLab, type Lab } from "./lab.ts";
import { findLabObstacles } from "./obstacles.ts";

const USAGE = "Usage: main.ts (check | up [--hosts N] | down | ssh NUMBER [COMMAND...] | status) [--name NAME]";

/** Two working copies on one machine have two labs. */
function defaultName(): string {
  const copy = join(import.meta.dirname, "../..");
  return `${basename(copy).replaceAll(/[^\w]/g, "-")}-${createHash("sha256").update(copy).digest("hex").slice(0, 4)}`;
}

/** Says why hosts cannot be made here. */
async function check(ctx: Context): Promise<number> {
  const obstacles = await findLabObstacles(ctx);
  process.stdout.write(obstacles.map((obstacle) => `${obstacle}\n`).join(""));
  return obstacles.length === 0 ? 0 : 1;
}

async function up(ctx: Context, name: string, hosts: number): Promise<number> {
  const lab = await runTask(ctx, "Start the lab", async (task) => await startLab(task, { name, hosts, isKept: true }));
  process.stdout.write(`${renderLab(lab)}\n`);
  return 0;
}

function renderLab(lab: Lab): string {
  return [
    `The lab "${lab.name}" is up:`,
    renderTable(lab.hosts.map((host) => [`  ${host.name}`, host.address])),
    `  root's password: ${lab.rootPassword}`,
    `  ${lab.sudoUser}'s password, also for sudo: ${lab.sudoPassword}`,
    `  key of both: ${lab.keyFile}`,
  ].join("\n");
}

async function status(): Promise<number> {
  const rows: string[][] = [["LAB", "HOST", "ADDRESS", "STATE"]];
  for (const lab of await listLabs()) {
    for (const host of lab.hosts) {
      rows.push([lab.name, host.name, host.address, (await host.isRunning()) ? "running" : "stopped"]);
    }
  }
  process.stdout.write(`${renderTable(rows)}\n`);
  return 0;
}

function renderFailure(error: unknown): string {
  if (!(error instanceof KnownError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  return error.hint === undefined ? error.message : `${error.message}\n${error.hint}`;
}

/** Hands this terminal to `ssh`. */
async function ssh(name: string, number: number, command: readonly string[]): Promise<number> {
  const lab = await openLab(name);
  const host = lab.hosts[number - 1];
  if (!host) throw new KnownError("HOST_NOT_FOUND", `Cannot log in to host ${number}: the lab has ${lab.hosts.length}`);
  const options = ["-o", "IdentitiesOnly=yes", "-o", `UserKnownHostsFile=${lab.knownHostsFile}`];
  const argv = ["-F", "none", "-i", lab.keyFile, ...options, `root@${host.address}`, ...command];
  const child = spawn("ssh", argv, { stdio: "inherit" });
  const [code] = await once(child, "exit");
  return typeof code === "number" ? code : 255;
}

async function main(ctx: Context): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { name: { type: "string", default: defaultName() }, hosts: { type: "string", default: "3" } },
  });
  const [verb, number = "1", ...command] = positionals;
  if (verb === "check") return await check(ctx);
  if (verb === "up") return await up(ctx, values.name, Number(values.hosts));
  if (verb === "ssh") return await ssh(values.name, Number(number), command);
  if (verb === "status") return await status();
  if (verb !== "down") throw new UsageError(USAGE);
  await runTask(ctx, "Remove the lab", async (task) => await stopLab(task, values.name));
  return 0;
}

// Whoever reads our output may have seen enough.
process.stdout.on("error", () => process.exit());

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => interruption.abort(new KnownError("INTERRUPTED", `Stopped by ${signal}`)));
}
const nowMs = (): number => performance.now();
const reporter = createReporter("auto", { stream: process.stderr, nowMs, hasColor: false, showsOutput: true });
try {
  process.exitCode = await main({
    signal: interruption.signal,
    progress: Progress.root(reporter.listener, nowMs),
  });
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`${renderFailure(error)}\n`);
} finally {
  reporter.close();
}
