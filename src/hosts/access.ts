import type { Context } from "../base/context.ts";
import type { KnownError } from "../base/error.ts";
import type { Command } from "./command.ts";
import type { Gate } from "../base/gate.ts";
import type { Elevation } from "./remote-script.ts";

/** `control` for commands, `bulk` for content: apart, so that a command does not queue behind megabytes. */
export type Lane = "control" | "bulk";

/** An open way to a shell. */
export interface ShellSession {
  readonly elevation: Elevation;
  /** How many commands may run in it at once. */
  readonly gate: Gate;
  /** The local program that hands `shellText` to the login's shell. */
  argv(shellText: string): readonly [string, ...string[]];
  /** What to throw when that program failed by itself. @param reason what it wrote, or why it did not start. */
  failure(command: Command, reason: string): Promise<KnownError>;
}

/** How the shell of a machine is reached: over SSH, or on this machine. */
export interface ShellAccess {
  /** The machine, in messages. */
  readonly name: string;
  /** Connects unless a connection is open. */
  open(ctx: Context, lane: Lane): Promise<ShellSession>;
  close(): Promise<void>;
}
