import { beforeEach, expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { NotFoundError } from "../../../src/base/error.ts";
import type { ImageReader } from "../../../src/oci/content.ts";
import { copyGraph } from "../../../src/oci/copy-graph.ts";
import { MirroredRepository, type Mirror } from "../../../src/registry/client/mirrored-repository.ts";
import { RegistryError } from "../../../src/registry/client/errors.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { pushBlob, testImage } from "../../support/test-image.ts";

const ctx = backgroundContext();
const image = testImage("one", "two");
const other = testImage("three");
let origin: MemoryStore;
let mirror: MemoryStore;

const DOWN: ImageReader = {
  resolve: () => Promise.reject(new RegistryError("REGISTRY_UNREACHABLE", "Cannot connect", { isTransient: true })),
  fetch: () => Promise.reject(new RegistryError("REGISTRY_UNREACHABLE", "Cannot connect", { isTransient: true })),
};

function mirrorOf(content: ImageReader, use: Partial<Mirror> = {}): Mirror {
  return { name: "mirror.lan/app", content, hasTags: true, hasDigests: true, ...use };
}

async function fill(store: MemoryStore, { manifest, blobs }: typeof image, tag: string): Promise<void> {
  for (const each of [...blobs, manifest]) await pushBlob(ctx, store, each);
  await store.tag(ctx, manifest.descriptor, tag);
}

beforeEach(async () => {
  origin = new MemoryStore();
  mirror = new MemoryStore();
  await fill(origin, image, "v1");
});

test("MirroredRepository prefers a mirror that has the image", async () => {
  await fill(mirror, other, "v1");
  const repository = new MirroredRepository([mirrorOf(mirror)], origin);
  expect(await repository.resolve(ctx, "v1")).toEqual(other.manifest.descriptor);
});

test("MirroredRepository goes on to the origin when mirrors are down or have nothing", async () => {
  const repository = new MirroredRepository([mirrorOf(DOWN), mirrorOf(mirror)], origin);
  expect(await repository.resolve(ctx, "v1")).toEqual(image.manifest.descriptor);
});

test("MirroredRepository takes content from elsewhere that the mirror has lost", async () => {
  await fill(mirror, image, "v1");
  for (const { descriptor } of image.blobs) mirror.blobs.delete(descriptor.digest);
  const repository = new MirroredRepository([mirrorOf(mirror)], origin);
  const root = await repository.resolve(ctx, "v1");
  const store = new MemoryStore();
  await copyGraph(ctx, { from: repository, to: store, root });
  expect(store.blobs.size).toBe(4);
});

test.each([
  [{ hasTags: false }, "v1", image],
  [{ hasTags: false }, other.manifest.descriptor.digest, other],
  [{ hasDigests: false }, "v1", other],
])("MirroredRepository asks a mirror with %j for %s only where it is meant to be asked", async (use, name, found) => {
  await fill(mirror, other, "v1");
  const repository = new MirroredRepository([mirrorOf(mirror, use)], origin);
  expect(await repository.resolve(ctx, name)).toEqual(found.manifest.descriptor);
});

test("MirroredRepository names what went wrong everywhere, and tells what is missing from what is down", async () => {
  const missing = new MirroredRepository([mirrorOf(DOWN)], origin).resolve(ctx, "v2");
  await expect(missing).rejects.toBeInstanceOf(NotFoundError);
  await expect(missing).rejects.toThrow('Cannot find "v2" in memory\nmirror "mirror.lan/app": Cannot connect');
  const down = new MirroredRepository([mirrorOf(mirror)], DOWN).resolve(ctx, "v1");
  await expect(down).rejects.toMatchObject({
    code: "REGISTRY_MIRRORS",
    message: 'Cannot connect\nmirror "mirror.lan/app": Cannot find "v1" in memory',
  });
});

test("MirroredRepository stops when it is cancelled", async () => {
  const abort = new AbortController();
  const cancelling: ImageReader = {
    ...DOWN,
    resolve: () => {
      abort.abort(new Error("cancelled"));
      return Promise.reject(new RegistryError("REGISTRY_UNREACHABLE", "Cannot connect"));
    },
  };
  const repository = new MirroredRepository([mirrorOf(cancelling)], origin);
  await expect(repository.resolve({ ...ctx, signal: abort.signal }, "v1")).rejects.toThrow("cancelled");
});
