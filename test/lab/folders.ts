import { join } from "node:path";

/** Where labs keep things; the same for all labs of this user. */
export interface LabFolders {
  /** What labs there are, one file each. For the whole machine, and empty after its next boot, as the labs are. */
  readonly records: string;
  /** Disks of hosts, a folder for each lab. */
  readonly disks: string;
  /** What later labs can use again. */
  readonly cache: string;
}

export function labFolders(variables: Readonly<Record<string, string | undefined>>): LabFolders {
  const home = variables["HOME"] ?? "/root";
  return {
    records: "/run/sealos-lab",
    disks: join(variables["XDG_STATE_HOME"] ?? join(home, ".local/state"), "sealos-lab"),
    cache: join(variables["XDG_CACHE_HOME"] ?? join(home, ".cache"), "sealos-lab"),
  };
}
