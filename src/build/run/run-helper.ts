import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

import type { Context } from "../../base/context.ts";
import { systemCode } from "../../base/error.ts";
import { OutputTail } from "../../hosts/output.ts";
import { startProcess } from "../../hosts/process.ts";

export interface HelperResult {
  /** Undefined when a signal ended the program or when it could not be started. */
  readonly exitCode: number | undefined;
  /** What it complained about, or why it could not be started. */
  readonly complaint: string;
}

const COMPLAINT_BYTES = 4096;

/** Runs a program of this machine that prepares something for commands; what it prints to stdout is lost. */
export async function runHelper(
  ctx: Context,
  argv: readonly [string, ...string[]],
  stdin: Iterable<Uint8Array> = [],
): Promise<HelperResult> {
  ctx.signal.throwIfAborted();
  const program = startProcess(argv, { stdin: "pipe", env: { LC_ALL: "C" } });
  const complaint = new OutputTail(COMPLAINT_BYTES);
  program.stdout.resume();
  program.stderr.on("data", (chunk: Buffer) => complaint.add(chunk));
  ctx.signal.addEventListener("abort", program.kill, { once: true });
  try {
    if (program.stdin) await feed(stdin, program.stdin);
    const { exitCode, startError } = await program.exit;
    ctx.signal.throwIfAborted();
    return { exitCode, complaint: startError ?? complaint.toString().trim() };
  } finally {
    ctx.signal.removeEventListener("abort", program.kill);
  }
}

/** That a program ends before it has read everything is seen by its exit code. */
async function feed(content: Iterable<Uint8Array>, stdin: Writable): Promise<void> {
  try {
    await pipeline(Readable.from(content, { objectMode: false }), stdin);
  } catch (error) {
    if (!["EPIPE", "ERR_STREAM_PREMATURE_CLOSE", "ABORT_ERR"].includes(systemCode(error) ?? "")) throw error;
  }
}
