import { expect, test } from "vitest";

import { collect } from "../../../src/base/bytes.ts";
import { ByteQueue } from "../../../src/registry/client/byte-queue.ts";

async function* pieces(...texts: readonly string[]) {
  for (const text of texts) yield Buffer.from(text);
}

async function take(queue: ByteQueue, sizeBytes: number): Promise<string> {
  return (await collect(queue.take(sizeBytes), 100)).toString();
}

test("ByteQueue gives parts of any size, whatever pieces the content comes in", async () => {
  const queue = new ByteQueue(pieces("abc", "", "defgh", "i"));
  await queue.skip(2);
  expect([await take(queue, 3), await take(queue, 1), await take(queue, 10)]).toEqual(["cde", "f", "ghi"]);
  expect(await take(queue, 1)).toBe("");
});

async function* wrong() {
  yield Buffer.from("abc");
  throw new Error("wrong digest");
}

test("ByteQueue reads to the end, where content says that it is wrong", async () => {
  const queue = new ByteQueue(wrong());
  await queue.skip(3);
  await expect(queue.end()).rejects.toThrow("wrong digest");
});

test("ByteQueue ends the content that it is closed before", async () => {
  let isEnded = false;
  async function* endless() {
    try {
      for (;;) yield Buffer.from("a");
    } finally {
      isEnded = true;
    }
  }
  const queue = new ByteQueue(endless());
  await queue.skip(3);
  await queue.close();
  expect(isEnded).toBe(true);
});
