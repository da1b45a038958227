import { KnownError } from "../../src/base/error.ts";
import type { ShellAccess } from "../../src/hosts/access.ts";
import { quoteWord } from "../../src/hosts/command.ts";
import { Gate } from "../../src/base/gate.ts";
import { ShellTransport } from "../../src/hosts/shell-transport.ts";
import type { Transport } from "../../src/hosts/transport.ts";
import { readHierarchies } from "./cgroups.ts";
import { readLeader, type HostPlace } from "./host-process.ts";

/** The way into a host that needs no network and no login: the namespaces and cgroups of its first process. */
export function consoleOf(place: HostPlace): Transport {
  const gate = new Gate(8);
  const access: ShellAccess = {
    name: place.names.name,
    open: async () => {
      const enter = renderEntrance(await readLeader(place), await readHierarchies(), place.names.cgroup);
      return {
        elevation: { kind: "none" },
        gate,
        argv: (shellText) => ["sh", "-c", enter, "sh", shellText],
        failure: async (_command, reason) =>
          new KnownError("LAB_HOST_DOWN", `Lost the host "${place.names.name}" during a command: ${reason}`),
      };
    },
    close: async () => {},
  };
  return new ShellTransport(access);
}

function renderEntrance(leader: number, hierarchies: readonly string[], cgroup: string): string {
  const enterCgroups = hierarchies.map((hierarchy) => {
    const processes = quoteWord(`${hierarchy}/${cgroup}/cgroup.procs`);
    return `echo $$ 2>/dev/null >${processes} || :`;
  });
  const environment = "env -i HOME=/root LOGNAME=root USER=root PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  return [...enterCgroups, `exec ${environment} nsenter --target ${leader} --all -- sh -c "$1"`].join("\n");
}
