import { isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";

import { localTransport } from "./local-transport.ts";
import type { SshLogin } from "./ssh-login.ts";
import { sshTransport, type SshTransportOptions } from "./ssh-transport.ts";
import type { Transport } from "./transport.ts";

export interface OpenTransportOptions extends SshTransportOptions {
  /** The effective user of this process; 0 is root. */
  readonly userId: number;
  /** Default: what the network interfaces of this machine have. */
  readonly ownAddresses?: readonly string[];
}

/** The way to a machine: by SSH, or straight where it is this one. */
export function openTransport(login: SshLogin, options: OpenTransportOptions): Transport {
  const { userId, ownAddresses = addressesOfInterfaces(), ...ssh } = options;
  return isThisMachine(login, ownAddresses)
    ? localTransport({ userId, password: login.password })
    : sshTransport(login, ssh);
}

/** An own address with a port of its own is another machine behind a forwarded port. */
export function isThisMachine({ address, port = 22 }: SshLogin, ownAddresses: readonly string[]): boolean {
  if (port !== 22) return false;
  return address === "localhost" || address === "::1" || isLoopback(address) || ownAddresses.includes(address);
}

function isLoopback(address: string): boolean {
  return isIPv4(address) && address.startsWith("127.");
}

function addressesOfInterfaces(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address));
}
