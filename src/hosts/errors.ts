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
    const text = toDisplay(failure.command);
    const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
    super("REMOTE_COMMAND_FAILED", `${failure.host}: \`${shown}\` exited with ${failure.exitCode}: ${lastLine}`, {
      hint: "Run again with --debug to see everything that the command printed",
    });
    this.failure = failure;
  }
}
