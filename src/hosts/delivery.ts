import type { Writable } from "node:stream";

import type { Bytes } from "../base/bytes.ts";
import type { ShellSession } from "./access.ts";
import type { Command } from "./command.ts";
import { openRange, type OpenRange } from "./file-range.ts";
import { startProcess, type LocalProcess } from "./process.ts";
import { launch, renderScript, shellTextOf } from "./remote-script.ts";
import type { FileRange } from "./transport.ts";

/** What goes to the standard input of a command. */
export type Payload =
  | { readonly kind: "input"; readonly content: Uint8Array | undefined }
  | { readonly kind: "stream"; readonly content: Bytes; readonly onSent: (sizeBytes: number) => void }
  | { readonly kind: "file"; readonly range: FileRange; readonly onSent: (sizeBytes: number) => void };

export interface DeliveryRequest {
  readonly session: ShellSession;
  readonly command: Command;
  /** Unpredictable: no command prints it by chance. */
  readonly marker: string;
  readonly payload: Payload;
}

/** A command on its way: a local process, and the content that is being handed to it. */
export interface Delivery {
  readonly process: LocalProcess;
  /** Rejects when the content cannot be read; the process is to be ended then. */
  readonly handover: Promise<void>;
  /** True when the end of its input ends the command on the host too. */
  readonly endsWithInput: boolean;
  /** Frees what the delivery holds; to be called when the process has ended. */
  close(): Promise<void>;
}

/** Longer scripts do not go into the arguments of a process. */
const LONGEST_ARGUMENT = 64 * 1024;

export async function startDelivery(request: DeliveryRequest): Promise<Delivery> {
  const { payload } = request;
  if (payload.kind === "input") return await deliverInput(request, payload.content);
  if (payload.kind === "stream") return await deliverStream(request, payload.content, payload.onSent);
  const range = await openRange(payload.range, payload.onSent);
  try {
    return isDirect(request, range) ? await deliverWholeFile(request, range) : await deliverRange(request, range);
  } catch (error) {
    await range.close();
    throw error;
  }
}

async function deliverInput(request: DeliveryRequest, stdin: Uint8Array | undefined): Promise<Delivery> {
  const { argv, prelude } = plan(request, renderScript(request.command, { marker: request.marker, stdin }));
  const process = startProcess(argv, { stdin: "pipe" });
  process.stdin?.write(prelude);
  return { process, handover: Promise.resolve(), endsWithInput: true, close: nothingToClose };
}

async function deliverStream(
  request: DeliveryRequest,
  content: Bytes,
  onSent: (sizeBytes: number) => void,
): Promise<Delivery> {
  const { argv, prelude } = plan(request, renderScript(request.command, { marker: request.marker, stdin: "rest" }));
  const process = startProcess(argv, { stdin: "pipe" });
  process.stdin?.write(prelude);
  const handover = process.stdin ? pump(content, process.stdin, onSent) : Promise.resolve();
  return { process, handover, endsWithInput: false, close: nothingToClose };
}

/** The file itself is the standard input of `ssh`: its bytes never pass through this process. */
async function deliverWholeFile({ session, command, marker }: DeliveryRequest, range: OpenRange): Promise<Delivery> {
  const argv = session.argv(shellTextOf(renderScript(command, { marker, stdin: "rest" }), session.elevation));
  const process = startProcess(argv, { stdin: { descriptor: range.descriptor } });
  return { process, handover: Promise.resolve(), endsWithInput: false, close: range.close };
}

/** `dd` reads the range from descriptor 3 into the pipe to `ssh`, after what has to come before it. */
async function deliverRange(request: DeliveryRequest, range: OpenRange): Promise<Delivery> {
  const { argv, prelude } = plan(request, renderScript(request.command, { marker: request.marker, stdin: "rest" }));
  const dd = `dd bs=1M iflag=skip_bytes,count_bytes skip=${range.offset} count=${range.length} status=none`;
  const pipeline = `{ cat && exec ${dd} <&3; } | exec "$@" 3<&-`;
  const process = startProcess(["sh", "-c", pipeline, "sh", ...argv], {
    stdin: "pipe",
    descriptor3: range.descriptor,
  });
  process.stdin?.end(prelude);
  return { process, handover: Promise.resolve(), endsWithInput: false, close: range.close };
}

/** Without a pipe for them, neither a password nor the environment has a way to the host. */
function isDirect({ session, command }: DeliveryRequest, range: OpenRange): boolean {
  return (
    range.isWholeFile &&
    command.env === undefined &&
    (session.elevation.kind === "none" || !session.elevation.password) &&
    command.argv.reduce((length, word) => length + word.length, 0) < LONGEST_ARGUMENT
  );
}

function plan({ session, marker }: DeliveryRequest, script: string): { argv: [string, ...string[]]; prelude: Buffer } {
  const { shellText, prelude } = launch(script, session.elevation, marker);
  return { argv: [...session.argv(shellText)], prelude };
}

async function pump(content: Bytes, stdin: Writable, onSent: (sizeBytes: number) => void): Promise<void> {
  let sentBytes = 0;
  for await (const chunk of content) {
    if (!stdin.writable) return; // the program has ended: its exit code says why
    if (!stdin.write(chunk)) await drained(stdin);
    sentBytes += chunk.byteLength;
    onSent(sentBytes);
  }
  stdin.end();
}

async function drained(stdin: Writable): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  stdin.on("drain", resolve).on("close", resolve);
  await promise;
  stdin.off("drain", resolve).off("close", resolve);
}

async function nothingToClose(): Promise<void> {}
