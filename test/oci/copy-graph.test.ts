import { expect, test } from "vitest";

import type { Bytes } from "../../src/base/bytes.ts";
import { backgroundContext, type Context } from "../../src/base/context.ts";
import { copyGraph } from "../../src/oci/copy-graph.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import type { Digest } from "../../src/oci/digest.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { blob, pushBlob, pushImage, testImage, testIndex } from "../support/test-image.ts";

const ctx = backgroundContext();

/** Shows what was pushed in which order. */
class RecordingStore extends MemoryStore {
  readonly pushed: Digest[] = [];

  override async push(ctx: Context, expected: Descriptor, content: Bytes): Promise<void> {
    await super.push(ctx, expected, content);
    this.pushed.push(expected.digest);
  }
}

async function sourceOf(...images: readonly ReturnType<typeof testImage>[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const image of images) await pushImage(ctx, store, image);
  return store;
}

test("copyGraph() sends what several images share once", async () => {
  const images = [testImage("amd64", "shared"), testImage("arm64", "shared")];
  const index = testIndex(...images.map(({ manifest }) => manifest));
  const from = await sourceOf(...images);
  await pushBlob(ctx, from, index);
  const to = new RecordingStore();
  await copyGraph(ctx, { from, to, root: index.descriptor });
  expect(to.pushed.length).toBe(8);
  expect(new Set(to.pushed).size).toBe(8);
});

test("copyGraph() pushes children before what names them", async () => {
  const image = testImage("layer");
  const index = testIndex(image.manifest);
  const from = await sourceOf(image);
  await pushBlob(ctx, from, index);
  const to = new RecordingStore();
  await copyGraph(ctx, { from, to, root: index.descriptor });
  expect(to.pushed.slice(-2)).toEqual([image.manifest.descriptor.digest, index.descriptor.digest]);
});

test("copyGraph() sends nothing when the destination has the root", async () => {
  const image = testImage("layer");
  const from = await sourceOf(image);
  const to = new RecordingStore();
  await pushBlob(ctx, to, image.manifest);
  await copyGraph(ctx, { from, to, root: image.manifest.descriptor });
  expect(to.pushed).toEqual([image.manifest.descriptor.digest]);
});

test("copyGraph() does not push the manifest when a layer is missing", async () => {
  const image = testImage("layer");
  const from = new MemoryStore();
  await pushBlob(ctx, from, image.manifest);
  const to = new RecordingStore();
  const copy = copyGraph(ctx, { from, to, root: image.manifest.descriptor });
  await expect(copy).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
  expect(to.pushed).toEqual([]);
});

test("copyGraph() tries a blob again when it may, from its start", async () => {
  const piece = blob("content");
  const from = new MemoryStore();
  await pushBlob(ctx, from, piece);
  let failures = 2;
  class Unreliable extends RecordingStore {
    override async push(ctx: Context, expected: Descriptor, content: Bytes): Promise<void> {
      if (failures-- > 0) throw new Error("broken");
      await super.push(ctx, expected, content);
    }
  }
  const to = new Unreliable();
  const retry = { attempts: 3, firstDelayMs: 1, isTransient: () => true };
  await copyGraph(ctx, { from, to, root: piece.descriptor }, { retry });
  expect(to.pushed).toEqual([piece.descriptor.digest]);
});
