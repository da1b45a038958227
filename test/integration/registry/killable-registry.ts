import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { RemoteRegistry } from "../../../src/registry/client/remote-registry.ts";

const SERVER = fileURLToPath(new URL("./serve-folder.ts", import.meta.url));

export interface KillableRegistry {
  /** For instance `127.0.0.1:40123`. */
  readonly name: string;
  /** Tries each request once. */
  readonly registry: RemoteRegistry;
  /** Ends the process without notice, as a power cut would. */
  kill(): Promise<void>;
}

/** Our registry over a folder, in a process of its own. */
export async function startKillableRegistry(root: string): Promise<KillableRegistry> {
  const server = spawn(process.execPath, [SERVER, root], { stdio: ["ignore", "pipe", "inherit"] });
  const [port]: readonly unknown[] = await once(server.stdout, "data");
  const name = `127.0.0.1:${String(port).trim()}`;
  const registry = new RemoteRegistry(name, { retry: { attempts: 1, firstDelayMs: 1 } });
  return {
    name,
    registry,
    async kill() {
      const ended = once(server, "exit");
      server.kill("SIGKILL");
      if (server.exitCode === null && server.signalCode === null) await ended;
      registry.close();
    },
  };
}
