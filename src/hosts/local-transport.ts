import { KnownError } from "../base/error.ts";
import type { ShellAccess, ShellSession } from "./access.ts";
import { Gate } from "./gate.ts";
import type { Secret } from "./secret.ts";
import { ShellTransport } from "./shell-transport.ts";
import type { Transport } from "./transport.ts";

const CONCURRENT_COMMANDS = 16;

export interface LocalTransportOptions {
  /** The effective user of this process; 0 is root. */
  readonly userId: number;
  /** For sudo, where this process is not root and sudo asks for one. */
  readonly password?: Secret | undefined;
}

/** This machine, without SSH. */
export function localTransport({ userId, password }: LocalTransportOptions): Transport {
  const session: ShellSession = {
    elevation: userId === 0 ? { kind: "none" } : { kind: "sudo", password },
    gate: new Gate(CONCURRENT_COMMANDS),
    argv: (shellText) => ["sh", "-c", shellText],
    failure: async (_command, reason) =>
      new KnownError("REMOTE_COMMAND_FAILED", `Cannot start a shell on this machine: ${reason}`),
  };
  const access: ShellAccess = { name: "localhost", open: async () => session, close: async () => {} };
  return new ShellTransport(access);
}
