import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const DEBIANS = "/usr/bin/docker-registry";

export interface DockerRegistry {
  /** For instance `127.0.0.1:40123`. */
  readonly name: string;
  /** What it stores in; a cluster image's `registry/`. */
  readonly root: string;
  close(): Promise<void>;
}

export interface DockerRegistryOptions {
  /** Content that is there already. */
  readonly root?: string;
  /** An htpasswd file with bcrypt hashes. */
  readonly htpasswd?: string;
  readonly tls?: { readonly certificate: string; readonly privateKey: string };
  /** Another build of it. */
  readonly program?: string;
}

/** A distribution registry on a free loopback port. */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const folder = await mkdtemp(join(tmpdir(), "docker-registry-test-"));
  const root = options.root ?? join(folder, "root");
  const port = await freePort();
  const configuration = {
    version: "0.1",
    log: { level: "error", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: root }, delete: { enabled: true } },
    http: {
      addr: `127.0.0.1:${port}`,
      ...(options.tls && { tls: { certificate: options.tls.certificate, key: options.tls.privateKey } }),
    },
    ...(options.htpasswd === undefined ? {} : { auth: { htpasswd: { realm: "test", path: options.htpasswd } } }),
  };
  await writeFile(join(folder, "config.json"), JSON.stringify(configuration)); // JSON is YAML too
  // It would read every REGISTRY_* variable of ours as configuration.
  const server = spawn(options.program ?? DEBIANS, ["serve", join(folder, "config.json")], {
    env: { PATH: process.env["PATH"] },
    stdio: "ignore",
  });
  await untilListening(port);
  return {
    name: `127.0.0.1:${port}`,
    root,
    async close() {
      if (server.exitCode === null && server.signalCode === null) {
        const ended = once(server, "exit");
        server.kill("SIGKILL");
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function untilListening(port: number): Promise<void> {
  const deadlineMs = performance.now() + 20_000;
  while (performance.now() < deadlineMs) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch {
      await delay(10);
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`docker-registry does not listen on port ${port}`);
}
