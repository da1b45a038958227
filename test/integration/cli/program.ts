import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { join } from "node:path";

const MAIN = join(import.meta.dirname, "../../../src/main.ts");

export interface ProgramRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** Home, store and everything else of the program are below it. */
  readonly root: string;
  readonly input?: string | Uint8Array;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called when the process runs, with a way to send a signal. */
  readonly onStart?: (kill: (signal: NodeJS.Signals) => void) => void;
  /** Called with each piece of stderr and a way to send a signal. */
  readonly onProgress?: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs the program as a user does, in a process of its own. */
export async function runProgram(
  argv: readonly string[],
  { root, input, env, onStart, onProgress }: ProgramOptions,
): Promise<ProgramRun> {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    env: {
      PATH: process.env["PATH"],
      HOME: root,
      SEALOS_STORE: join(root, "images"),
      SEALOS_DATA_ROOT: join(root, "data"),
      REGISTRY_AUTH_FILE: join(root, "auth.json"),
      ...env,
    },
    cwd: root,
    stdio: ["pipe", "pipe", "pipe"],
  });
  onStart?.((signal) => child.kill(signal));
  child.stdin.end(input);
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (piece: string) => {
    stderr += piece;
    onProgress?.(piece, (signal) => child.kill(signal));
  });
  const [stdout] = await Promise.all([text(child.stdout), once(child, "close")]);
  return { exitCode: child.exitCode, stdout, stderr };
}
