import { randomBytes } from "node:crypto";

import type { Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import type { Lane, ShellAccess, ShellSession } from "./access.ts";
import type { Command, CommandResult } from "./command.ts";
import type { Payload } from "./delivery.ts";
import { outputTooLong, RemoteCommandError } from "./errors.ts";
import { execute } from "./execution.ts";
import { writeFileCommand } from "./remote-file.ts";
import { inputOf } from "./remote-script.ts";
import type { FileRange, RemoteFile, Transport } from "./transport.ts";

/** The answer of a query is data: whole, or an error. Of other output the end is kept. */
const QUERY_LIMIT_BYTES = 16 * 1024 * 1024;
const TAIL_LIMIT_BYTES = 1024 * 1024;
/** As of `timeout(1)`. */
const TIMEOUT_EXIT_CODE = 124;

interface Execution {
  readonly lane: Lane;
  readonly payload: Payload;
  readonly isQuery?: boolean;
  readonly onLine?: (line: string) => void;
}

/** A transport over a shell, wherever that runs. */
export class ShellTransport implements Transport {
  readonly #access: ShellAccess;
  readonly #marker = randomBytes(12).toString("hex");

  constructor(access: ShellAccess) {
    this.#access = access;
  }

  async query(ctx: Context, command: Command): Promise<CommandResult> {
    const payload: Payload = { kind: "input", content: inputOf(command) };
    return await this.#execute(ctx, command, { lane: "control", payload, isQuery: true });
  }

  async run(ctx: Context, command: Command): Promise<CommandResult> {
    const payload: Payload = { kind: "input", content: inputOf(command) };
    const onLine = (line: string): void => ctx.progress.output(line);
    return await this.#execute(ctx, command, { lane: "control", payload, onLine });
  }

  async putFile(ctx: Context, file: RemoteFile): Promise<void> {
    const { command, content } = writeFileCommand(file);
    await this.#execute(ctx, command, { lane: "control", payload: { kind: "input", content } });
  }

  async send(
    ctx: Context,
    command: Command,
    content: Bytes | FileRange,
    onSent: (sizeBytes: number) => void = () => {},
  ): Promise<CommandResult> {
    const payload: Payload =
      "path" in content ? { kind: "file", range: content, onSent } : { kind: "stream", content, onSent };
    return await this.#execute(ctx, command, { lane: "bulk", payload });
  }

  async close(): Promise<void> {
    await this.#access.close();
  }

  async #execute(ctx: Context, command: Command, execution: Execution): Promise<CommandResult> {
    ctx.signal.throwIfAborted();
    const session = await this.#access.open(ctx, execution.lane);
    return await session.gate.run(ctx, async () => await this.#executeIn(ctx, session, command, execution));
  }

  async #executeIn(
    ctx: Context,
    session: ShellSession,
    command: Command,
    { payload, isQuery = false, onLine }: Execution,
  ): Promise<CommandResult> {
    const timeout = command.timeoutMs === undefined ? undefined : AbortSignal.timeout(command.timeoutMs);
    const signal = timeout ? AbortSignal.any([ctx.signal, timeout]) : ctx.signal;
    const limitBytes = isQuery ? QUERY_LIMIT_BYTES : TAIL_LIMIT_BYTES;
    const request = { session, command, marker: this.#marker, payload };
    const outcome = await execute(signal, request, { limitBytes, onLine });
    ctx.signal.throwIfAborted();

    const { exitCode, stdout, stderr } = outcome;
    if (timeout?.aborted) {
      const ended = `${stderr}\nended because it took more than ${command.timeoutMs} ms`;
      throw this.#failed(command, TIMEOUT_EXIT_CODE, ended);
    }
    if (exitCode === undefined || !outcome.isExitCodeOfCommand) {
      throw await session.failure(command, outcome.startError ?? stderr);
    }
    if (!(command.allowedExitCodes ?? [0]).includes(exitCode)) throw this.#failed(command, exitCode, stderr);
    if (isQuery && outcome.isStdoutTruncated) throw outputTooLong(this.#access.name, command, limitBytes);
    return { stdout, stderr, exitCode };
  }

  #failed(command: Command, exitCode: number, stderr: string): RemoteCommandError {
    return new RemoteCommandError({ host: this.#access.name, command, exitCode, stderr });
  }
}
