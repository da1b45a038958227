import type { Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import type { Command, CommandResult } from "./command.ts";
import type { Secret } from "../base/secret.ts";

/** A part of a local file, for the bulk path. */
export interface FileRange {
  readonly path: string;
  /** In bytes. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
}

/** A small file to be written on a host: atomically, with exactly this mode and owner root (the login's owner when not root). */
export interface RemoteFile {
  readonly path: string;
  readonly content: string | Uint8Array | Secret;
  /** Permission bits; default 0644. */
  readonly mode?: number;
}

/** The way to one machine. Everything runs as root there, by sudo where the login is not root. */
export interface Transport {
  /** Runs a command that changes nothing. @throws {RemoteCommandError} when its exit code is not allowed. */
  query(ctx: Context, command: Command): Promise<CommandResult>;
  /**
   * Runs a command that may change the host; each line of output goes to `ctx.progress` as it comes, and of long
   * outputs the result has the end. A command that was cancelled, or lost its connection, is ended on the host.
   * @throws {RemoteCommandError} when its exit code is not allowed.
   */
  run(ctx: Context, command: Command): Promise<CommandResult>;
  /** Writes a small file; missing parent folders are made (0755). */
  putFile(ctx: Context, file: RemoteFile): Promise<void>;
  /**
   * Runs a command that reads `content` from its standard input, on a connection of its own made for throughput. Where
   * the connection breaks or the call is cancelled, the command sees the end of its input: it has to check the content
   * (by digest) before it lets others see it.
   * @param onSent told the running number of bytes handed to the connection.
   */
  send(
    ctx: Context,
    command: Command,
    content: Bytes | FileRange,
    onSent?: (sizeBytes: number) => void,
  ): Promise<CommandResult>;
  /** Ends connections. Other calls fail afterwards. */
  close(): Promise<void>;
}
