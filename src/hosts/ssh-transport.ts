import { ShellTransport } from "./shell-transport.ts";
import { SshAccess, type SshAccessOptions } from "./ssh-access.ts";
import type { SshLogin } from "./ssh-login.ts";
import type { Transport } from "./transport.ts";

const CONNECT_TIMEOUT_MS = 10_000;

export interface SshTransportOptions extends Omit<SshAccessOptions, "connectTimeoutMs"> {
  /** For the host's first answer; default 10 s. */
  readonly connectTimeoutMs?: number | undefined;
}

/** A host over SSH. Nothing happens until the first call; `close` it at the end. */
export function sshTransport(login: SshLogin, options: SshTransportOptions): Transport {
  const connectTimeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  return new ShellTransport(new SshAccess(login, { ...options, connectTimeoutMs }));
}
