import type { Context } from "../../src/base/context.ts";
import { labFolders } from "./folders.ts";
import { holdsHere } from "./this-machine.ts";

interface Obstacle {
  /** A shell text that ends with 0 where the machine can do it. */
  readonly probe: string;
  readonly message: string;
  /** Without this, the probes that follow would say nothing of their own. */
  readonly isBasic?: boolean;
}

const OBSTACLES: readonly Obstacle[] = [
  { probe: '[ "$(uname -s)" = Linux ]', message: "hosts need a Linux kernel", isBasic: true },
  { probe: '[ "$(id -u)" = 0 ]', message: "only root can make hosts", isBasic: true },
  {
    probe: "command -v apt-get && command -v dpkg",
    message: "hosts are made of Debian packages, and apt-get is missing",
  },
  {
    probe: "unshare --mount --propagation private --pid --fork --uts --ipc --net true",
    message: "the kernel refuses new namespaces for mounts, processes and networks (unshare)",
    isBasic: true,
  },
  {
    // A folder where disks will lie: overlay does not go on every file system.
    probe: `mkdir -p "$1" && probe=$(mktemp -d "$1/.probe.XXXXXX") && trap 'rm -rf "$probe"' EXIT &&
      mkdir "$probe/lower" "$probe/upper" "$probe/work" "$probe/root" &&
      unshare --mount --propagation private mount -t overlay overlay \\
        -o "lowerdir=$probe/lower,upperdir=$probe/upper,workdir=$probe/work" "$probe/root"`,
    message: "overlay cannot be mounted on the file system of",
  },
  {
    probe: `[ -f /sys/fs/cgroup/cgroup.controllers ] && hierarchy=/sys/fs/cgroup || hierarchy=/sys/fs/cgroup/memory
      mkdir "$hierarchy/sealos-lab-probe-$$" && rmdir "$hierarchy/sealos-lab-probe-$$"`,
    message: "cgroups cannot be made in /sys/fs/cgroup",
  },
  {
    probe: `! command -v ip || unshare --net sh -c 'ip link add lab-probe type bridge && ip link add lab-a type veth peer name lab-b'`,
    message: "the kernel has no bridge or veth devices",
  },
  { probe: "[ -c /dev/kmsg ]", message: "/dev/kmsg is missing, which kubelet reads" },
];

/** Why hosts cannot be made on this machine, one sentence each; empty where they can. */
export async function findLabObstacles(ctx: Context): Promise<readonly string[]> {
  const { disks } = labFolders(process.env);
  const found: string[] = [];
  for (const { probe, message, isBasic } of OBSTACLES) {
    if (await holdsHere(ctx, `(${probe}) >/dev/null 2>&1`, disks)) continue;
    found.push(message.endsWith(" of") ? `${message} "${disks}"` : message);
    if (isBasic) break;
  }
  return found;
}
