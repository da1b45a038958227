import { expect, test } from "vitest";

import { buildImage, type BuildRequest } from "../../src/actions/build-image.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { isImageIndex, parseManifest, type ImageIndex, type Manifest } from "../../src/oci/manifest.ts";
import { parseImageConfig, type ImageConfig } from "../../src/oci/image-config.ts";
import { fetchDocument } from "../../src/oci/verify.ts";
import { buildRequest, openTestEnvironment, writeContext, type TestImageEnvironment } from "./image-environment.ts";

const ctx = backgroundContext();
const AMD64 = { os: "linux", architecture: "amd64" };
const ARM64 = { os: "linux", architecture: "arm64" };
const KUBEFILE = "FROM scratch\nARG TARGETARCH\nENV A=$TARGETARCH\nCOPY f /f\n";

const CACHE = { now: Date.now, reads: true, verifies: false, from: [], to: [] };

async function requestOf(environment: TestImageEnvironment, text = KUBEFILE): Promise<BuildRequest> {
  return { ...buildRequest(await writeContext(environment, { f: "f" }), text), savesImages: false, cache: CACHE };
}

async function readIndex({ store }: TestImageEnvironment, name: string): Promise<ImageIndex> {
  const { descriptor } = await store.find(ctx, name);
  const document = parseManifest(await fetchDocument(ctx, store, descriptor), descriptor.mediaType);
  if (!isImageIndex(document)) throw new Error(`${name} is no index`);
  return document;
}

async function readImages(
  environment: TestImageEnvironment,
  { manifests }: ImageIndex,
): Promise<{ manifest: Manifest; config: ImageConfig }[]> {
  const images = [];
  for (const descriptor of manifests) {
    const manifest = parseManifest(await fetchDocument(ctx, environment.store, descriptor), descriptor.mediaType);
    if (isImageIndex(manifest)) throw new Error("An index in an index");
    const config = parseImageConfig(await fetchDocument(ctx, environment.store, manifest.config));
    images.push({ manifest, config });
  }
  return images;
}

test("buildImage() makes one name of the images for several platforms, with the layers that they share", async () => {
  await using environment = await openTestEnvironment();
  const request = await requestOf(environment);
  const built = await buildImage(ctx, environment, { ...request, platforms: [AMD64, ARM64, AMD64] });
  const index = await readIndex(environment, "web:v1");
  expect(built.id).toBe(built.digest);
  expect(index.manifests.map(({ platform }) => platform)).toEqual([AMD64, ARM64]);
  const images = await readImages(environment, index);
  expect(images.map(({ config }) => config.config?.Env?.at(-1))).toEqual(["A=amd64", "A=arm64"]);
  expect(images[0]?.manifest.layers).toEqual(images[1]?.manifest.layers);
});

test("buildImage() builds for all platforms of the base image", async () => {
  await using environment = await openTestEnvironment();
  const request = await requestOf(environment);
  await buildImage(ctx, environment, { ...request, platforms: [AMD64, ARM64] });
  const above = await requestOf(environment, "FROM localhost/web:v1 AS x\nLABEL a=b\nFROM x\nLABEL c=d\n");
  await buildImage(ctx, environment, { ...above, tags: ["above:v1"], platforms: "all" });
  const index = await readIndex(environment, "above:v1");
  expect(index.manifests.map(({ platform }) => platform)).toEqual([AMD64, ARM64]);
  await expect(buildImage(ctx, environment, { ...request, platforms: "all" })).rejects.toThrow(
    "Cannot build for all platforms: the target is based on no image",
  );
});

test("buildImage() adds images to an index of the store", async () => {
  await using environment = await openTestEnvironment();
  const request = { ...(await requestOf(environment)), tags: [], list: "list:v1" };
  await buildImage(ctx, environment, { ...request, platforms: [ARM64] });
  await buildImage(ctx, environment, request);
  const changed = await buildImage(ctx, environment, { ...request, platforms: [ARM64], labels: { a: "b" } });
  const { manifests } = await readIndex(environment, "list:v1");
  expect(manifests.map(({ platform }) => platform)).toEqual([AMD64, ARM64]);
  expect(manifests[1]?.digest).toBe(changed.digest);
});

test("buildImage() writes Docker's media types when it is told to", async () => {
  await using environment = await openTestEnvironment();
  const request = { ...(await requestOf(environment)), platforms: [AMD64, ARM64] };
  await buildImage(ctx, environment, { ...request, format: "docker", compression: "gzip" });
  const index = await readIndex(environment, "web:v1");
  expect(index.mediaType).toBe("application/vnd.docker.distribution.manifest.list.v2+json");
  const [image] = await readImages(environment, index);
  expect(image?.manifest).toMatchObject({
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
    config: { mediaType: "application/vnd.docker.container.image.v1+json" },
    layers: [{ mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip" }],
  });
  await expect(buildImage(ctx, environment, { ...request, format: "docker", compression: "zstd" })).rejects.toThrow(
    "into an image of format docker: its media type is",
  );
});

test("buildImage() keeps layers in a registry for other machines", async () => {
  await using here = await openTestEnvironment();
  const location = { type: "registry", reference: "r.example/cache" } as const;
  const cache = { now: Date.now, reads: true, verifies: false };
  const request = await requestOf(here);
  const built = await buildImage(ctx, here, { ...request, cache: { ...cache, from: [], to: [location] } });
  await using there = await openTestEnvironment();
  const environment = { ...there, openRepository: here.openRepository };
  const same = await requestOf(there);
  const again = await buildImage(ctx, environment, { ...same, cache: { ...cache, from: [location], to: [] } });
  expect(again.digest).toBe(built.digest);
  expect(here.repository("r.example/cache").tags.get("latest")).toBeDefined();
});
