import { startDelivery, type Delivery, type DeliveryRequest } from "./delivery.ts";
import { LineSplitter, OutputTail } from "./output.ts";
import type { ProcessExit } from "./process.ts";

/** What a host may take to end a cancelled command before it is left to itself. */
const CANCEL_GRACE_MS = 2000;

export interface ExecutionOptions {
  /** Of each output the last so many bytes are kept. */
  readonly limitBytes: number;
  readonly onLine?: ((line: string) => void) | undefined;
}

export interface Outcome extends ProcessExit {
  readonly stdout: string;
  readonly stderr: string;
  readonly isStdoutTruncated: boolean;
  /** The command itself ended with its exit code: it is not the exit code of `ssh`. */
  readonly isExitCodeOfCommand: boolean;
}

/**
 * Runs a command to its end. When `signal` fires the command is ended, and this resolves soon after, whatever the host
 * does. @throws what reading the content throws.
 */
export async function execute(
  signal: AbortSignal,
  request: DeliveryRequest,
  { limitBytes, onLine }: ExecutionOptions,
): Promise<Outcome> {
  const delivery = await startDelivery(request);
  try {
    const stdout = new OutputTail(limitBytes);
    const stderr = new OutputTail(limitBytes);
    const { process } = delivery;
    process.stdout.on("data", (chunk: Buffer) => stdout.add(chunk));
    process.stderr.on("data", (chunk: Buffer) => stderr.add(chunk));
    if (onLine) {
      splitLines(process.stdout, onLine);
      splitLines(process.stderr, withoutMarker(request.marker, onLine));
    }
    const exit = await exitOf(delivery, signal);
    const marked = stderr.toString();
    return {
      ...exit,
      stdout: stdout.toString(),
      stderr: marked.replace(request.marker, ""),
      isStdoutTruncated: stdout.isTruncated,
      isExitCodeOfCommand: exit.exitCode !== undefined && (exit.exitCode !== 255 || marked.includes(request.marker)),
    };
  } finally {
    await delivery.close();
  }
}

function splitLines(stream: Delivery["process"]["stdout"], onLine: (line: string) => void): void {
  const splitter = new LineSplitter(onLine);
  stream.on("data", (chunk: Buffer) => splitter.add(chunk)).on("end", () => splitter.end());
}

function withoutMarker(marker: string, onLine: (line: string) => void): (line: string) => void {
  return (line) => {
    if (line !== marker) onLine(line.replace(marker, ""));
  };
}

async function exitOf(delivery: Delivery, signal: AbortSignal): Promise<ProcessExit> {
  const { process, handover, endsWithInput } = delivery;
  let failure: { readonly error: unknown } | undefined;
  let timer: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    process.stdin?.end();
    if (endsWithInput) timer = setTimeout(process.kill, CANCEL_GRACE_MS);
    else process.kill();
  };
  handover.catch((error: unknown) => {
    failure = { error };
    process.kill();
  });
  if (signal.aborted) cancel();
  else signal.addEventListener("abort", cancel, { once: true });
  try {
    const exit = await process.exit;
    if (failure) throw failure.error;
    return exit;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", cancel);
  }
}
