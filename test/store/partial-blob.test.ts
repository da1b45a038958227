import { mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";

import { bytesOf, collect, type Bytes } from "../../src/base/bytes.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { lockFile } from "../../src/base/file-lock.ts";
import { hexOf } from "../../src/oci/digest.ts";
import { ImageStore } from "../../src/store/image-store.ts";
import { completeFile, removePartials } from "../../src/store/partial-blob.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { blob } from "../support/test-image.ts";

const temporary = useTemporaryFolder();
const ctx = backgroundContext();
const large = blob(Buffer.alloc(3_000_000, "large"));

/** Content that breaks off behind so many bytes. */
async function* broken(content: Uint8Array, sizeBytes: number): Bytes {
  yield content.subarray(0, sizeBytes);
  throw new Error("broken");
}

test("receive() goes on where the last attempt ended, and leaves nothing beside the blob", async () => {
  const store = await ImageStore.open(ctx, temporary("store"));
  const offsets: number[] = [];
  const receive = (make: (rest: Uint8Array) => Bytes): Promise<void> =>
    store.receive(ctx, large.descriptor, async (offset) => {
      offsets.push(offset);
      return make(large.content.subarray(offset));
    });
  await expect(receive((rest) => broken(rest, 1_000_000))).rejects.toThrow("broken");
  await expect(receive((rest) => broken(rest, 500_000))).rejects.toThrow("broken");
  const next = await ImageStore.open(ctx, temporary("store"));
  await next.receive(ctx, large.descriptor, async (offset) => {
    offsets.push(offset);
    return bytesOf(large.content.subarray(offset));
  });
  expect(offsets).toEqual([0, 1_000_000, 1_500_000]);
  const stored = await collect(await next.fetch(ctx, large.descriptor), large.descriptor.size);
  expect(stored.equals(large.content)).toBe(true);
  expect(readdirSync(temporary("store/cache/partial"))).toEqual([]);
});

test("receive() asks once when two want the same content at the same time", async () => {
  const store = await ImageStore.open(ctx, temporary("store"));
  let asked = 0;
  const receive = (): Promise<void> =>
    store.receive(ctx, large.descriptor, async (offset) => {
      asked++;
      return bytesOf(large.content.subarray(offset));
    });
  await Promise.all([receive(), receive(), receive()]);
  expect(asked).toBe(1);
});

test.each([
  ["other bytes", Buffer.alloc(3_000_000, "other"), /received sha256:/],
  ["more bytes", Buffer.concat([large.content, Buffer.from("x")]), "after 3000001"],
  ["fewer bytes", large.content.subarray(1), "after 2999999"],
])("completeFile() refuses %s and leaves no file", async (_, content, reason) => {
  const path = temporary("partial");
  const openRest = async (offset: number): Promise<Bytes> => bytesOf(content.subarray(offset));
  await expect(completeFile(ctx, path, { expected: large.descriptor, openRest })).rejects.toThrow(reason);
  expect(() => readFileSync(path)).toThrow("ENOENT");
});

test("completeFile() does not trust what is there already", async () => {
  const path = temporary("partial");
  writeFileSync(path, Buffer.alloc(2_000_000, "wrong"));
  const openRest = async (offset: number): Promise<Bytes> => bytesOf(large.content.subarray(offset));
  await expect(completeFile(ctx, path, { expected: large.descriptor, openRest })).rejects.toThrow("received sha256:");
  await completeFile(ctx, path, { expected: large.descriptor, openRest });
  expect(readFileSync(path).equals(large.content)).toBe(true);
});

test("removePartials() leaves what is young enough, or is being received", async () => {
  const folder = temporary("cache/partial");
  mkdirSync(folder, { recursive: true });
  const name = hexOf(large.descriptor.digest);
  for (const each of ["old", "young", name]) writeFileSync(`${folder}/${each}`, "1234");
  for (const each of ["old", name]) utimesSync(`${folder}/${each}`, 1000, 1000);
  const release = await lockFile(ctx, `${folder}/${name}.lock`);
  expect(await removePartials(temporary(), 60_000)).toBe(4);
  expect(readdirSync(folder).toSorted()).toEqual([name, `${name}.lock`, "young"].toSorted());
  await release();
  expect(await removePartials(temporary())).toBe(8);
  expect(readdirSync(folder)).toEqual([]);
});
