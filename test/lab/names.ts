/** The most hosts of one lab. */
export const MOST_HOSTS = 7;

/** The user of a host who becomes root by sudo and a password. */
export const SUDO_USER = "ops";

/** The network of one lab. Its index decides everything that labs of one machine must not share. */
export interface LabNetwork {
  readonly bridge: string;
  readonly gateway: string;
  /** In CIDR notation. */
  readonly range: string;
}

export function networkOf(index: number): LabNetwork {
  return { bridge: `lab${index}`, gateway: `10.77.${index}.1`, range: `10.77.${index}.0/24` };
}

/** What one host is called, inside and from the machine that carries it. */
export interface HostNames {
  readonly name: string;
  readonly address: string;
  /** For systemd-nspawn. */
  readonly machine: string;
  /** The bridge's end of the host's cable, as systemd-nspawn calls it: at most 15 characters. */
  readonly port: string;
  /** Below the root of each cgroup hierarchy. */
  readonly cgroup: string;
}

/** @param number counts from 1. */
export function hostNames(index: number, number: number): HostNames {
  const name = `node${number}`;
  const machine = `lab${index}-${name}`;
  return {
    name,
    address: `10.77.${index}.${10 + number}`,
    machine,
    port: `vb-${machine}`,
    cgroup: `sealos-${machine}`,
  };
}
