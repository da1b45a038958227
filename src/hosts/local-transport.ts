import { KnownError } from "../base/error.ts";
import type { ShellAccess, ShellSession } from "./access.ts";
import { Gate } from "../base/gate.ts";
import { OutputTail } from "./output.ts";
import { startProcess } from "./process.ts";
import { launch, type Elevation } from "./remote-script.ts";
import { findStanding, renderRootProbe } from "./root-probe.ts";
import type { Secret } from "../base/secret.ts";
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
  let session: Promise<ShellSession> | undefined;
  const open = async (): Promise<ShellSession> =>
    sessionWith(userId === 0 ? { kind: "none" } : await becomeRoot(password));
  const access: ShellAccess = {
    name: "localhost",
    open: async () => await (session ??= open()),
    close: async () => {},
  };
  return new ShellTransport(access);
}

function sessionWith(elevation: Elevation): ShellSession {
  return {
    elevation,
    gate: new Gate(CONCURRENT_COMMANDS),
    argv: (shellText) => ["sh", "-c", shellText],
    failure: async (_command, reason) =>
      new KnownError("REMOTE_COMMAND_FAILED", `Cannot start a shell on this machine: ${reason}`),
  };
}

async function becomeRoot(password: Secret | undefined): Promise<Elevation> {
  const { shellText, prelude } = launch(renderRootProbe(password), { kind: "none" }, "");
  const process = startProcess(["sh", "-c", shellText], { stdin: "pipe" });
  const stdout = new OutputTail(64 * 1024);
  process.stdout.on("data", (chunk: Buffer) => stdout.add(chunk));
  process.stderr.resume();
  process.stdin?.end(prelude);
  await process.exit;
  const standing = findStanding(stdout.toString().trim());
  if (standing?.kind === "sudo") return { kind: "sudo", password };
  const reason = standing?.kind === "refused" ? standing.reason : "its shell does not answer";
  throw new KnownError("REMOTE_COMMAND_FAILED", `Cannot become root on this machine: ${reason}`, {
    hint: "Run as root, or let sudo allow everything with the password given or without one",
  });
}
