import { expect, test } from "vitest";

import { backgroundContext } from "../../src/base/context.ts";
import { Slots } from "../../src/base/slots.ts";

const ctx = backgroundContext();

test("use() lets the next one work when one has ended, in the order of asking", async () => {
  const slots = new Slots(2);
  const doors = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
  const started: number[] = [];
  const all = doors.map(({ promise }, index) =>
    slots.use(ctx, async () => {
      started.push(index);
      await promise;
      if (index === 1) throw new Error("one fails");
    }),
  );
  const settled = Promise.allSettled(all);
  await Promise.resolve();
  expect(started).toEqual([0, 1]);
  doors[1]?.resolve();
  await expect(all[1]).rejects.toThrow("one fails");
  expect(started).toEqual([0, 1, 2]);
  for (const { resolve } of doors) resolve();
  await settled;
  expect(started).toEqual([0, 1, 2, 3]);
});

test("use() gives up waiting when it is cancelled, and the others go on", async () => {
  const slots = new Slots(1);
  const door = Promise.withResolvers<void>();
  const first = slots.use(ctx, () => door.promise);
  const abort = new AbortController();
  const second = slots.use({ ...ctx, signal: abort.signal }, async () => "second");
  const third = slots.use(ctx, async () => "third");
  abort.abort(new Error("enough"));
  await expect(second).rejects.toThrow("enough");
  door.resolve();
  await first;
  expect(await third).toBe("third");
});
