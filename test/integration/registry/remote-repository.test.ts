import { RemoteRegistry } from "../../../src/registry/client/remote-registry.ts";
import { RemoteRepository } from "../../../src/registry/client/remote-repository.ts";
import { describeContentStore } from "../../support/content-store-contract.ts";
import { startDockerRegistry } from "./docker-registry.ts";

describeContentStore(
  "RemoteRepository on docker-registry",
  async () => {
    const server = await startDockerRegistry();
    const registry = new RemoteRegistry(server.name);
    return {
      store: new RemoteRepository(registry, "library/contract"),
      async close() {
        registry.close();
        await server.close();
      },
    };
  },
  { sha512: false },
);
