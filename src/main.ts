// Hashing, compression and file calls share this pool. It is made on first use, so this must come before any of them.
process.env["UV_THREADPOOL_SIZE"] ??= String(Math.max(4, availableParallelism()));

import { enableCompileCache } from "node:module";
import { availableParallelism } from "node:os";

import packageJson from "../package.json" with { type: "json" };
import type { Bytes } from "./base/bytes.ts";
import type { Context } from "./base/context.ts";
import { EXIT_CODES, InterruptedError, renderError } from "./cli/render-error.ts";
import { runCommandLine } from "./cli/run-command-line.ts";

const version = packageJson.version;
const interruption = new AbortController();

// The first signal asks for a clean stop, the second one does not wait for it.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    const error = new InterruptedError(signal);
    if (interruption.signal.aborted) leave(error.exitCode);
    interruption.abort(error);
  });
}

// Whoever reads our output may have seen enough: `sealos images | head -1`.
process.stdout.on("error", (error) => leave("code" in error && error.code === "EPIPE" ? 0 : EXIT_CODES.failure));
process.stderr.on("error", () => undefined);

process.on("uncaughtException", (error) => {
  process.stderr.write(`${renderError(error, { debug: true, version })}\n`);
  leave(EXIT_CODES.bug);
});

const exitCode = await runCommandLine({
  argv: process.argv.slice(2),
  facts: {
    variables: process.env,
    workingDirectory: process.cwd(),
    userId: process.getuid?.() ?? -1,
    architecture: process.arch,
  },
  version,
  signal: interruption.signal,
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: () => process.stdin,
  ask: process.stdin.isTTY ? ask : undefined,
  writeOutput: process.stdout.isTTY ? undefined : writeOutput,
  keepCode: enableCompileCache,
  now: () => new Date(),
  nowMs: () => performance.now(),
});
process.stdout.write("", () => leave(exitCode));

/** Ends the process although a connection may still be open, and gives the terminal back. */
function leave(code: number): never {
  if (process.stderr.isTTY) process.stderr.write("\u001b[?25h");
  process.exit(code);
}

/** A chunk is written before the next one is asked for, which may come in the same memory. */
async function writeOutput(content: Bytes): Promise<void> {
  for await (const chunk of content) await new Promise<unknown>((resolve) => process.stdout.write(chunk, resolve));
}

async function ask(ctx: Context, question: string): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  // Not in raw mode, so that Ctrl-C stays a signal.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    return await lines.question(question, { signal: ctx.signal });
  } finally {
    lines.close();
  }
}
