import { expect, test } from "vitest";

import { SlabHasher } from "../../src/archive/slab-hasher.ts";

async function hashSlabs(lengths: readonly number[]): Promise<string> {
  const hasher = new SlabHasher();
  try {
    for (const [index, length] of lengths.entries()) {
      hasher.nextSlab().fill(index, 0, length);
      hasher.publish(length);
      await hasher.free();
    }
    return await hasher.digest();
  } finally {
    await hasher.close();
  }
}

const MEGABYTE = 1024 * 1024;

test.for<[string, readonly number[], string]>([
  ["nothing", [], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  [
    "one byte, and empty slabs that count for nothing",
    [0, 1, 0],
    "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a",
  ],
  [
    "as much as needs no thread",
    Array.from({ length: 14 }, () => 1000),
    "5edc1a943f988f2f5fbd500215b1a57a00793e00e6321c99337045c30ea74e51",
  ],
  [
    "as much as the ring holds",
    Array.from({ length: 16 }, () => 1000),
    "4005d2339d30caf9da8f9b0989838996112b313fef73890f9421261a8b5c563c",
  ],
  [
    "several rounds of the ring",
    Array.from({ length: 50 }, () => MEGABYTE),
    "2eb4ce444bc900d72f0fd674de5a8880709a9b4089fad5dc41911276964bad40",
  ],
])("digest() hashes %s", async ([, lengths, digest]) => {
  expect(await hashSlabs(lengths)).toBe(digest);
});

test("close() ends a thread that has not been given the end", async () => {
  const hasher = new SlabHasher();
  for (let index = 0; index < 15; index++) hasher.publish(10);
  await hasher.close();
});
