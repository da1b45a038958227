import { localTransport } from "../../../src/hosts/local-transport.ts";
import { describeTransport } from "./transport-contract.ts";

describeTransport("localTransport()", async () => localTransport({ userId: process.getuid?.() ?? 0 }));
