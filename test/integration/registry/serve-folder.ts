// Run by tests as a process of its own, so that it can be killed: serves the folder of its argument, prints its port.
import { backgroundContext } from "../../../src/base/context.ts";
import { serveRegistry } from "../../../src/registry/server/node-adapter.ts";
import { createRegistry } from "../../../src/registry/server/registry.ts";
import { RegistryFolder } from "../../../src/registry/storage/filesystem.ts";

const handler = createRegistry(new RegistryFolder(process.argv[2] ?? ""));
const server = await serveRegistry(backgroundContext(), handler, { host: "127.0.0.1", port: 0 });
process.stdout.write(`${server.port}\n`);
