import { expect, test } from "vitest";

import { backgroundContext } from "../../src/base/context.ts";
import { Gate } from "../../src/base/gate.ts";

const ctx = backgroundContext();

test("run() lets so many in at once, the others in order of arrival", async () => {
  const gate = new Gate(2);
  const started: number[] = [];
  const release: (() => void)[] = [];
  const work = [0, 1, 2, 3].map((number) =>
    gate.run(ctx, () => {
      started.push(number);
      return new Promise<void>((resolve) => release.push(resolve));
    }),
  );
  await Promise.resolve();
  const atFirst = [...started];
  release[1]?.();
  await work[1];
  await Promise.resolve();
  expect([atFirst, started]).toEqual([
    [0, 1],
    [0, 1, 2],
  ]);
  release[0]?.();
  await work[0];
  await Promise.resolve();
  release[2]?.();
  release[3]?.();
  await Promise.all(work);
});

test("run() lets the next in when work fails", async () => {
  const gate = new Gate(1);
  await expect(gate.run(ctx, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(await gate.run(ctx, async () => "next")).toBe("next");
});

test("run() stops waiting when cancelled, and loses no place by it", async () => {
  const gate = new Gate(1);
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = gate.run(ctx, () => promise);
  const abort = new AbortController();
  const waiting = gate.run({ ...ctx, signal: abort.signal }, async () => "never");
  abort.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  resolve();
  await first;
  expect(await gate.run(ctx, async () => "free")).toBe("free");
});

test("resize() lets more in at once, and waits until fewer run", async () => {
  const gate = new Gate(1);
  const release: (() => void)[] = [];
  let started = 0;
  const work = [0, 1, 2].map(() =>
    gate.run(ctx, () => {
      started++;
      return new Promise<void>((resolve) => release.push(resolve));
    }),
  );
  await Promise.resolve();
  expect(started).toBe(1);
  gate.resize(2);
  await Promise.resolve();
  await Promise.resolve();
  expect(started).toBe(2);
  gate.resize(1);
  release[0]?.();
  await work[0];
  await Promise.resolve();
  expect(started).toBe(2);
  release[1]?.();
  await work[1];
  await Promise.resolve();
  expect(started).toBe(3);
  release[2]?.();
  await Promise.all(work);
});
