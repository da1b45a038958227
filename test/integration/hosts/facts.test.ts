import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { hostname, totalmem } from "node:os";
import { expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { readFacts } from "../../../src/hosts/facts.ts";
import { localTransport } from "../../../src/hosts/local-transport.ts";

test("readFacts() finds what this machine has", async () => {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  const facts = await readFacts(backgroundContext(), localTransport({ userId: process.getuid?.() ?? 0 }));
  listener.close();

  const now = Date.now();
  expect(facts).toMatchObject({
    hostname: hostname(),
    kernel: execFileSync("uname", ["-r"], { encoding: "utf8" }).trim(),
    memoryBytes: totalmem(),
  });
  expect(facts.listeningPorts).toContain(typeof address === "object" && address ? address.port : "a port");
  expect(Math.abs(facts.timeMs - now)).toBeLessThan(60_000);
  expect(facts.disk.freeBytes).toBeGreaterThan(0);
  expect(facts.disk.sizeBytes).toBeGreaterThan(facts.disk.freeBytes);
});
