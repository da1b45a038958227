import { expect, test } from "vitest";

import { collect } from "../../src/base/bytes.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { convertGraph } from "../../src/oci/convert-graph.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { MEDIA_TYPES } from "../../src/oci/media-type.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { blob, document, pushBlob, pushImage, testImage, testIndex, type TestImage } from "../support/test-image.ts";

const ctx = backgroundContext();

function imageWithLayer(mediaType: string): TestImage {
  const layer = blob("layer", mediaType);
  const config = blob("{}", MEDIA_TYPES.ociConfig);
  const manifest = document(MEDIA_TYPES.ociManifest, { config: config.descriptor, layers: [layer.descriptor] });
  return { manifest, blobs: [config, layer] };
}

async function convert(
  image: TestImage,
  format: "oci" | "v2s2",
  root = image.manifest,
): Promise<[MemoryStore, Descriptor]> {
  const [from, to] = [new MemoryStore(), new MemoryStore()];
  await pushImage(ctx, from, image);
  await pushBlob(ctx, from, root);
  return [to, await convertGraph(ctx, { from, to, root: root.descriptor }, { format })];
}

async function read(store: MemoryStore, descriptor: Descriptor): Promise<unknown> {
  return JSON.parse((await collect(await store.fetch(ctx, descriptor), 1e6)).toString());
}

test("convertGraph() writes an OCI image and its index as Docker's", async () => {
  const image = imageWithLayer(MEDIA_TYPES.ociLayerGzip);
  const [to, root] = await convert(image, "v2s2", testIndex(image.manifest));
  expect(root.mediaType).toBe("application/vnd.docker.distribution.manifest.list.v2+json");
  const list = await read(to, root);
  expect(list).toMatchObject({ mediaType: root.mediaType, manifests: [{ mediaType: MEDIA_TYPES.dockerManifest }] });
  const [child] = (list as { manifests: Descriptor[] }).manifests;
  expect(child && (await read(to, child))).toMatchObject({
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
    config: { mediaType: "application/vnd.docker.container.image.v1+json", digest: image.blobs[0]?.descriptor.digest },
    layers: [{ mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip" }],
  });
});

test("convertGraph() leaves what is in the wanted format as it is", async () => {
  const image = testImage("one");
  const [to, root] = await convert(image, "oci");
  expect(root).toEqual(image.manifest.descriptor);
  expect(to.blobs.size).toBe(3);
});

test("convertGraph() refuses zstd layers in Docker's format before it sends anything", async () => {
  await expect(convert(imageWithLayer(MEDIA_TYPES.ociLayerZstd), "v2s2")).rejects.toMatchObject({
    code: "INVALID_INPUT",
    message: expect.stringContaining("tar+zstd"),
  });
});
