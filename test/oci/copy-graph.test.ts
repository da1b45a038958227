import { expect, test } from "vitest";

import type { Bytes } from "../../src/base/bytes.ts";
import { backgroundContext, type Context } from "../../src/base/context.ts";
import { copyGraph, findPlatform } from "../../src/oci/copy-graph.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import type { Digest } from "../../src/oci/digest.ts";
import { MEDIA_TYPES } from "../../src/oci/media-type.ts";
import { parsePlatform, renderPlatform } from "../../src/oci/platform.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { blob, document, pushBlob, pushImage, testImage, testIndex } from "../support/test-image.ts";

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

/** Counts what is asked for; the first time that it is asked for `broken` it fails in the middle. */
class CountingSource {
  readonly asked: Digest[] = [];
  readonly #from: MemoryStore;
  #broken: Digest | undefined;

  constructor(from: MemoryStore, broken?: Digest) {
    this.#from = from;
    this.#broken = broken;
  }

  async fetch(ctx: Context, target: Descriptor): Promise<Bytes> {
    this.asked.push(target.digest);
    const fails = this.#broken === target.digest;
    if (fails) this.#broken = undefined;
    const content = await this.#from.fetch(ctx, target);
    return (async function* () {
      await new Promise(setImmediate);
      if (fails) throw new Error("cut off");
      yield* content;
    })();
  }
}

test("copyGraph() waits for what another call copies to the same place", async () => {
  const images = [testImage("one", "shared"), testImage("two", "shared")];
  const from = new CountingSource(await sourceOf(...images));
  const to = new MemoryStore();
  const underWay = new Map<Digest, Promise<void>>();
  await Promise.all(
    images.map(({ manifest }) => copyGraph(ctx, { from, to, root: manifest.descriptor }, { underWay })),
  );
  expect(from.asked).toHaveLength(7);
  expect(new Set(from.asked).size).toBe(7);
  expect(underWay.size).toBe(0);
});

test("copyGraph() copies what another call did not finish", async () => {
  const [one, two] = [testImage("one", "shared"), testImage("two", "shared")];
  const shared = blob("shared").descriptor.digest;
  const from = new CountingSource(await sourceOf(one, two), shared);
  const to = new MemoryStore();
  const underWay = new Map<Digest, Promise<void>>();
  const outcomes = await Promise.allSettled(
    [one, two].map(({ manifest }) => copyGraph(ctx, { from, to, root: manifest.descriptor }, { underWay })),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  expect(await to.has(ctx, two.manifest.descriptor)).toBe(true);
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

test("copyGraph() leaves layers that only their owner hands out where they are", async () => {
  const mediaType = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
  const layer = { ...blob("foreign").descriptor, mediaType, urls: ["https://owner.example/layer"] };
  const config = blob("{}");
  const image = { manifest: document(MEDIA_TYPES.dockerManifest, { config: config.descriptor, layers: [layer] }) };
  const from = await sourceOf({ ...image, blobs: [config] });
  const to = new MemoryStore();
  await copyGraph(ctx, { from, to, root: image.manifest.descriptor });
  expect([...to.blobs.keys()]).toEqual([config.descriptor.digest, image.manifest.descriptor.digest]);
});

test("copyGraph() takes content out of its descriptor, unless that is damaged", async () => {
  const config = blob("{}", MEDIA_TYPES.ociEmpty);
  const withData = (data: string) =>
    document(MEDIA_TYPES.ociManifest, { config: { ...config.descriptor, data }, layers: [] });
  const [right, wrong] = [withData(Buffer.from("{}").toString("base64")), withData("AAAA")];
  const from = await sourceOf({ manifest: right, blobs: [] }, { manifest: wrong, blobs: [] });
  const to = new MemoryStore();
  await expect(copyGraph(ctx, { from, to, root: wrong.descriptor })).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
  await copyGraph(ctx, { from, to, root: right.descriptor });
  expect(to.blobs.get(config.descriptor.digest)?.toString()).toBe("{}");
});

test.for([
  ["linux/arm/v7", ["linux/arm/v5", "linux/arm/v6"], "linux/arm/v6"],
  ["linux/arm/v6", ["linux/arm/v7", "linux/arm/v5"], "linux/arm/v5"],
  ["linux/amd64", ["linux/amd64/v3", "linux/amd64"], "linux/amd64"],
  ["linux/arm64", ["unknown/unknown", "linux/arm64/v8"], "linux/arm64/v8"],
  ["linux/s390x", ["linux/amd64"], undefined],
] as const)("findPlatform() chooses for %s among %s", async ([wanted, offered, expected]) => {
  const manifests = offered.map((text) => ({ image: testImage(text), platform: parsePlatform(text) }));
  const children = manifests.map(({ image, platform }) => ({ ...image.manifest.descriptor, platform }));
  const inner = document(MEDIA_TYPES.ociIndex, { manifests: children });
  const outer = testIndex(inner);
  const source = new MemoryStore();
  for (const part of [inner, outer]) await pushBlob(ctx, source, part);
  const found = await findPlatform(ctx, source, { root: outer.descriptor, platform: parsePlatform(wanted) });
  expect(found?.platform && renderPlatform(found.platform)).toBe(expected);
});
