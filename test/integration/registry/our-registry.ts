import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { backgroundContext } from "../../../src/base/context.ts";
import { serveRegistry, type ServedRequest, type ServeOptions } from "../../../src/registry/server/node-adapter.ts";
import { createRegistry, type RegistryHandler } from "../../../src/registry/server/registry.ts";
import { RegistryFolder } from "../../../src/registry/storage/filesystem.ts";
import type { RegistryStorage } from "../../../src/registry/storage/storage.ts";

export interface OurRegistry {
  /** For instance `127.0.0.1:40123`. */
  readonly name: string;
  readonly root: string;
  /** What was asked, as `METHOD path status`. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

export interface OurRegistryOptions {
  /** Content that is there already. */
  readonly root?: string;
  /** In place of a folder. */
  readonly storage?: RegistryStorage;
  readonly tls?: ServeOptions["tls"];
  readonly idleMs?: number;
  /** What stands in front of the registry. */
  readonly wrap?: (handler: RegistryHandler) => RegistryHandler;
}

/** Our own registry over a folder of its own, on a free loopback port. */
export async function startOurRegistry(options: OurRegistryOptions = {}): Promise<OurRegistry> {
  const folder = await mkdtemp(join(tmpdir(), "our-registry-test-"));
  const root = options.root ?? folder;
  const registry = createRegistry(options.storage ?? new RegistryFolder(root));
  const log: string[] = [];
  const server = await serveRegistry(backgroundContext(), options.wrap ? options.wrap(registry) : registry, {
    host: "127.0.0.1",
    port: 0,
    ...(options.tls && { tls: options.tls }),
    ...(options.idleMs !== undefined && { idleMs: options.idleMs }),
    report: ({ method, path, status }: ServedRequest) => void log.push(`${method} ${path} ${status}`),
  });
  return {
    name: `127.0.0.1:${server.port}`,
    root,
    log,
    async close() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
