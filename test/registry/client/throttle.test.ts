import { expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { Throttle } from "../../../src/registry/client/throttle.ts";

const ctx = backgroundContext();

test("Throttle halves how many requests go at once, down to one, and adds one after as many successes", async () => {
  const throttle = new Throttle(8);
  throttle.refused();
  expect(throttle.limit).toBe(4);
  throttle.refused(); // it was on its way when the first one was refused
  expect(throttle.limit).toBe(4);
  for (let count = 1; count <= 4; count++) throttle.succeeded();
  expect(throttle.limit).toBe(5);
  for (let count = 1; count <= 100; count++) throttle.succeeded();
  expect(throttle.limit).toBe(8);
});

test("Throttle lets no request go before the time that the registry asked for", async () => {
  const throttle = new Throttle(2);
  const start = performance.now();
  throttle.refused(150);
  await throttle.run(ctx, async () => undefined);
  expect(performance.now() - start).toBeGreaterThan(140);
});

test("Throttle runs no more at once than it has come down to", async () => {
  const throttle = new Throttle(4);
  throttle.refused();
  let running = 0;
  let most = 0;
  const request = async (): Promise<void> => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
  };
  await Promise.all(Array.from({ length: 10 }, () => throttle.run(ctx, request)));
  expect(most).toBe(2);
});
