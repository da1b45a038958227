import type { Secret } from "../base/secret.ts";

/** A program with its arguments and surroundings, as data; only a transport quotes it. */
export interface Command {
  readonly argv: readonly [string, ...string[]];
  /** Added to the environment of the program; never part of anybody's argv. */
  readonly env?: Readonly<Record<string, string | Secret>>;
  /** Working directory on the host. */
  readonly cwd?: string;
  /** Standard input; default: none. */
  readonly stdin?: string | Secret;
  /** The command is ended and fails after this time; default: no limit. */
  readonly timeoutMs?: number;
  /** Exit codes that are answers, not failures; default: only 0. */
  readonly allowedExitCodes?: readonly number[];
}

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export type CommandOptions = Omit<Command, "argv">;

export function command(argv: readonly [string, ...string[]], options: CommandOptions = {}): Command {
  return { argv, ...options };
}

/** A POSIX shell text with positional parameters: values go into `parameters`, never into the text. */
export function shell(script: string, parameters: readonly string[] = [], options: CommandOptions = {}): Command {
  return { argv: ["sh", "-c", script, "sh", ...parameters], ...options };
}

/** One word for a POSIX shell. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The command as a user would type it; its environment and input are left out. */
export function toDisplay({ argv }: Command): string {
  return argv.map(quoteWord).join(" ");
}
