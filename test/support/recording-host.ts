import type { Bytes } from "../../src/base/bytes.ts";
import type { Context } from "../../src/base/context.ts";
import { toDisplay, type Command, type CommandResult } from "../../src/hosts/command.ts";
import { RemoteCommandError } from "../../src/hosts/errors.ts";
import { Secret } from "../../src/base/secret.ts";
import type { FileRange, RemoteFile, Transport } from "../../src/hosts/transport.ts";

/** What a command prints; a text alone stands for success. */
export type Answer = string | { readonly stdout?: string; readonly stderr?: string; readonly exitCode: number };

/** Matches commands by how they are displayed: the first rule that matches answers. */
export type Rule = readonly [pattern: string | RegExp, answer: Answer | ((command: Command) => Answer)];

/** A machine that is not there: it answers from a table and remembers what it was told. */
export class RecordingHost implements Transport {
  /** `query …`, `run …`, `put PATH`, `send …`, in order. */
  readonly calls: string[] = [];
  readonly commands: Command[] = [];
  /** What was written, by path. */
  readonly files = new Map<string, RemoteFile>();
  /** What was sent, in order; of ranges of files, the range. */
  readonly sent: (Buffer | FileRange)[] = [];
  isClosed = false;
  readonly #rules: readonly Rule[];

  /** A command that no rule matches succeeds and prints nothing. */
  constructor(rules: readonly Rule[] = []) {
    this.#rules = rules;
  }

  async query(ctx: Context, command: Command): Promise<CommandResult> {
    return this.#answer(ctx, "query", command);
  }

  async run(ctx: Context, command: Command): Promise<CommandResult> {
    const result = this.#answer(ctx, "run", command);
    for (const line of result.stdout.split("\n").filter(Boolean)) ctx.progress.output(line);
    return result;
  }

  async putFile(ctx: Context, file: RemoteFile): Promise<void> {
    ctx.signal.throwIfAborted();
    this.calls.push(`put ${file.path}`);
    this.files.set(file.path, file);
  }

  async send(
    ctx: Context,
    command: Command,
    content: Bytes | FileRange,
    onSent: (sizeBytes: number) => void = () => {},
  ): Promise<CommandResult> {
    if ("path" in content) {
      this.sent.push(content);
      onSent(content.length);
    } else {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      this.sent.push(bytes);
      onSent(bytes.byteLength);
    }
    return this.#answer(ctx, "send", command);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  /** Content of a written file as text. */
  textOf(path: string): string {
    const content = this.files.get(path)?.content;
    if (content === undefined) throw new Error(`Nothing was written to ${path}`);
    return content instanceof Secret ? content.reveal() : Buffer.from(content).toString();
  }

  #answer(ctx: Context, verb: string, command: Command): CommandResult {
    ctx.signal.throwIfAborted();
    const text = toDisplay(command);
    this.calls.push(`${verb} ${text}`);
    this.commands.push(command);
    const rule = this.#rules.find(([pattern]) =>
      typeof pattern === "string" ? text.includes(pattern) : pattern.test(text),
    );
    const answer = typeof rule?.[1] === "function" ? rule[1](command) : (rule?.[1] ?? "");
    const {
      stdout = "",
      stderr = "",
      exitCode,
    } = typeof answer === "string" ? { stdout: answer, exitCode: 0 } : answer;
    if (!(command.allowedExitCodes ?? [0]).includes(exitCode)) {
      throw new RemoteCommandError({ host: "recording-host", command, exitCode, stderr });
    }
    return { stdout, stderr, exitCode };
  }
}
