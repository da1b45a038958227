import { KnownError, type ErrorDetails } from "../base/error.ts";
import { printable } from "../base/text.ts";
import { toDisplay, type Command } from "./command.ts";

export type ConnectionFailure = "SSH_UNREACHABLE" | "SSH_AUTH" | "SSH_HOST_KEY";

/** No connection to a host: it does not answer, refuses the login, or is not the one it was. */
export class ConnectionError extends KnownError {
  constructor(code: ConnectionFailure, message: string, details?: ErrorDetails) {
    super(code, message, details);
  }
}

export interface CommandFailure {
  readonly host: string;
  readonly command: Command;
  readonly exitCode: number;
  readonly stderr: string;
}

/** A command on a host ended with an exit code that is not a success. */
export class RemoteCommandError extends KnownError {
  readonly failure: CommandFailure;

  constructor(failure: CommandFailure) {
    const lastLine = printable(failure.stderr.trimEnd().split("\n").at(-1) ?? "");
    const text = toShortDisplay(failure.command);
    super("REMOTE_COMMAND_FAILED", `${failure.host}: \`${text}\` exited with ${failure.exitCode}: ${lastLine}`, {
      hint: "Run again with --debug to see everything that the command printed",
    });
    this.failure = failure;
  }
}

/** A query answered with more than anybody has asked for. */
export function outputTooLong(host: string, command: Command, limitBytes: number): KnownError {
  const text = toShortDisplay(command);
  return new KnownError("REMOTE_COMMAND_FAILED", `${host}: \`${text}\` wrote more than ${limitBytes} bytes`);
}

/** The connection to a host broke under a command: whether the command has ended is not known. */
export function connectionLost(host: string, command: Command, reason: string): ConnectionError {
  const text = toShortDisplay(command);
  return new ConnectionError("SSH_UNREACHABLE", `Lost the connection to "${host}" during \`${text}\`: ${reason}`, {
    hint: "Check that the host and the network are up, and run the same command again",
  });
}

/** A script of ours is told by its beginning: its whole text says nothing to a user. */
function toShortDisplay(command: Command): string {
  const [program, option, script = ""] = command.argv;
  const isScript = program === "sh" && option === "-c" && script.includes("\n");
  const text = isScript ? `sh -c ${firstLine(script)}` : toDisplay(command).replaceAll(/\s*\n\s*/g, " ");
  const limit = isScript ? 60 : 200;
  return printable(text.length > limit || isScript ? `${text.slice(0, limit)}…` : text);
}

function firstLine(script: string): string {
  const lines = script.split("\n").map((line) => line.trim());
  return lines.find((line) => line !== "" && !line.startsWith("set -")) ?? "";
}
