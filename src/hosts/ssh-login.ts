import type { Secret } from "../base/secret.ts";

/** Where and as whom to log in. What is absent is left to OpenSSH: its configuration, default keys and agent. */
export interface SshLogin {
  readonly address: string;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  /** For the login, and for sudo where the user is not root. */
  readonly password?: Secret | undefined;
  /** Path of a private key on this machine. */
  readonly privateKeyFile?: string | undefined;
  /** The private key itself, in OpenSSH's or PEM form; over `privateKeyFile`. */
  readonly privateKey?: Secret | undefined;
  /** Of the private key. */
  readonly passphrase?: Secret | undefined;
}

/** `user@address:port`, as far as it is known. */
export function nameOf({ user, address, port }: SshLogin): string {
  return `${user === undefined ? "" : `${user}@`}${address}${port === undefined ? "" : `:${port}`}`;
}
