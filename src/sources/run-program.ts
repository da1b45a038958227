import type { Context } from "../base/context.ts";
import { LineSplitter } from "../hosts/output.ts";
import { startProcess } from "../hosts/process.ts";
import { SourceBuildError } from "./errors.ts";

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What to do when the program is not installed: one imperative sentence. */
  readonly installHint: string;
  /** Exit codes that are answers, not failures; default: only 0. */
  readonly allowedExitCodes?: readonly number[];
}

export type Argv = readonly [string, ...string[]];

const KEPT_LINES = 20;
const STDOUT_LIMIT = 64 * 1024 * 1024;

/**
 * Runs a program of this machine to its end and returns its standard output; what it writes to standard error is
 * progress. @throws {SourceBuildError} when it is not there or fails, with the last lines of its standard error.
 */
export async function runProgram(ctx: Context, argv: Argv, options: ProgramOptions): Promise<string> {
  ctx.signal.throwIfAborted();
  const program = startProcess(argv, { stdin: "pipe", env: options.env ?? {} });
  ctx.signal.addEventListener("abort", program.kill, { once: true });
  try {
    program.stdin?.end();
    const stdout: Buffer[] = [];
    let size = 0;
    program.stdout.on("data", (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size <= STDOUT_LIMIT) stdout.push(chunk);
    });
    const lastLines: string[] = [];
    const splitter = new LineSplitter((line) => {
      ctx.progress.output(line);
      lastLines.push(line);
      if (lastLines.length > KEPT_LINES) lastLines.shift();
    });
    program.stderr.on("data", (chunk: Buffer) => splitter.add(chunk)).on("end", () => splitter.end());
    const { exitCode, startError } = await program.exit;
    ctx.signal.throwIfAborted();
    if (startError !== undefined) throw notStarted(argv, startError, options);
    if ((options.allowedExitCodes ?? [0]).includes(exitCode ?? -1)) return Buffer.concat(stdout).toString();
    throw failed(argv, exitCode, lastLines);
  } finally {
    ctx.signal.removeEventListener("abort", program.kill);
  }
}

function notStarted([file]: Argv, reason: string, { installHint }: ProgramOptions): SourceBuildError {
  const state = reason === "ENOENT" ? "it is not installed" : reason;
  return new SourceBuildError(`Cannot run "${file}": ${state}`, { hint: installHint });
}

function failed(argv: Argv, exitCode: number | undefined, lastLines: readonly string[]): SourceBuildError {
  const ending = exitCode === undefined ? "was ended by a signal" : `exited with ${exitCode}`;
  return new SourceBuildError(`\`${argv.join(" ")}\` ${ending}:\n${lastLines.map((line) => `  ${line}`).join("\n")}`);
}
