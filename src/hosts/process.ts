import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

import { systemCode } from "../base/error.ts";

/** Where a program's standard input comes from: a pipe that the caller writes, or an open file's descriptor. */
export type ProcessStdin = "pipe" | { readonly descriptor: number };

export interface ProcessOptions {
  readonly stdin: ProcessStdin;
  /** An open file that the program finds as descriptor 3. */
  readonly descriptor3?: number;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface ProcessExit {
  /** Absent when a signal ended the program or when it could not be started. */
  readonly exitCode: number | undefined;
  /** Why it could not be started, for instance `ENOENT`. */
  readonly startError: string | undefined;
}

/** A program of this machine, running. */
export interface LocalProcess {
  /** Absent when it could not be started. */
  readonly pid: number | undefined;
  /** Present with `stdin: "pipe"`; writing to a program that has ended is no error. */
  readonly stdin: Writable | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Never rejects. Resolves when the program has ended and its output was read to the end. */
  readonly exit: Promise<ProcessExit>;
  /** Ends the program and what it started, at once. */
  readonly kill: () => void;
}

/**
 * Starts a program in a session of its own: a Ctrl-C of the terminal does not reach it, and it has no terminal to ask
 * for passwords. The caller reads both outputs and waits for `exit`.
 */
export function startProcess([file, ...args]: readonly [string, ...string[]], options: ProcessOptions): LocalProcess {
  const child = spawn(file, args, {
    stdio: [
      options.stdin === "pipe" ? "pipe" : options.stdin.descriptor,
      "pipe",
      "pipe",
      options.descriptor3 ?? "ignore",
    ],
    env: { ...process.env, ...options.env },
    detached: true,
  });
  const { stdin, stdout, stderr, pid } = child;
  if (!stdout || !stderr) throw new Error(`"${file}" was started without output pipes`);
  stdin?.on("error", () => undefined); // EPIPE: the exit code says more
  const { promise: exit, resolve } = Promise.withResolvers<ProcessExit>();
  child.on("error", (error) => resolve({ exitCode: undefined, startError: systemCode(error) ?? error.message }));
  child.on("close", (code) => resolve({ exitCode: code ?? undefined, startError: undefined }));
  return { pid, stdin: stdin ?? undefined, stdout, stderr, exit, kill: () => killGroup(pid) };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
