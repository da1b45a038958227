import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { backgroundContext, type Context } from "../../src/base/context.ts";
import { startLab, stopLab, type Lab } from "../lab/lab.ts";

const ROOT = join(import.meta.dirname, "../..");

export interface SealosResult {
  /** Absent when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
}

export interface SealosOptions {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input; default: none. */
  readonly input?: string;
  /** Told everything that comes on standard error, with a way to send a signal. */
  readonly onProgress?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Throw-away hosts, and a user on this machine who has never used sealos before. */
export interface Scene extends AsyncDisposable {
  readonly lab: Lab;
  /** The user's home and working directory. */
  readonly home: string;
  /** The user's clusters and image store. Hosts keep a cluster in its usual place, which is on a real file system. */
  readonly runtimeRoot: string;
  readonly storeRoot: string;
  /** Runs the built command to its end, whatever that is. */
  sealos(argv: readonly string[], options?: SealosOptions): Promise<SealosResult>;
}

export interface SceneOptions {
  readonly hosts: number;
  /** An image store that is ready; default: an empty one. */
  readonly storeRoot?: string;
}

/** Builds the command, starts a lab and makes a home. Dispose of the scene at the end. */
export async function openScene(ctx: Context, { hosts, storeRoot }: SceneOptions): Promise<Scene> {
  await promisify(execFile)("make", ["--silent", "build"], { cwd: ROOT, signal: ctx.signal });
  const home = await mkdtemp(join(tmpdir(), "sealos-e2e-"));
  try {
    await installProgram(join(home, "program"));
    const lab = await startLab(ctx, { hosts });
    return toScene(lab, home, storeRoot ?? join(home, "images"));
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}

/** A copy, so that a build in the work tree does not pull the program from under a test. */
async function installProgram(folder: string): Promise<void> {
  for (const name of ["bin", "dist"]) await cp(join(ROOT, name), join(folder, name), { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
}

function toScene(lab: Lab, home: string, storeRoot: string): Scene {
  const runtimeRoot = join(home, "clusters");
  const variables = {
    PATH: process.env["PATH"],
    HOME: home,
    SEALOS_RUNTIME_ROOT: runtimeRoot,
    SEALOS_STORE: storeRoot,
    SEALOS_CACHE: join(home, "cache"),
    REGISTRY_AUTH_FILE: join(home, "auth.json"),
  };
  return {
    lab,
    home,
    runtimeRoot,
    storeRoot,
    sealos: async (argv, options = {}) =>
      await runSealos(argv, {
        ...options,
        cwd: home,
        program: join(home, "program/bin/sealos"),
        variables: { ...variables, ...options.env },
      }),
    [Symbol.asyncDispose]: async () => {
      await stopLab(backgroundContext(), lab.name);
      await rm(home, { recursive: true, force: true });
    },
  };
}

interface RunOptions extends SealosOptions {
  readonly cwd: string;
  readonly program: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

async function runSealos(argv: readonly string[], options: RunOptions): Promise<SealosResult> {
  const startedMs = performance.now();
  const child = spawn(options.program, argv, { cwd: options.cwd, env: options.variables });
  child.stdin.on("error", () => undefined); // it may end without reading
  child.stdin.end(options.input);
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    options.onProgress?.(text, (signal) => child.kill(signal));
  });
  await once(child, "close");
  return { exitCode: child.exitCode ?? undefined, stdout, stderr, elapsedMs: performance.now() - startedMs };
}
