import { startDockerRegistry } from "./docker-registry.ts";
import { startOurRegistry } from "./our-registry.ts";
import { describeRegistry } from "./registry-contract.ts";

describeRegistry("docker-registry", () => startDockerRegistry());

describeRegistry("our registry", () => startOurRegistry());
