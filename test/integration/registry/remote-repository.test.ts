import { MemoryRegistry } from "../../../src/registry/storage/memory.ts";
import { startDockerRegistry } from "./docker-registry.ts";
import { startOurRegistry } from "./our-registry.ts";
import { describeRegistry } from "./registry-contract.ts";

describeRegistry("docker-registry", () => startDockerRegistry());

describeRegistry("our registry", () => startOurRegistry());

describeRegistry("our registry in memory", () =>
  startOurRegistry({ storage: new MemoryRegistry({ limitBytes: 100_000_000 }) }),
);
