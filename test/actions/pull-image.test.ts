import { expect, test } from "vitest";

import { pullImage, type PullPolicy } from "../../src/actions/pull-image.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { pushBlob, pushImage, testImage, testIndex } from "../support/test-image.ts";
import { openTestEnvironment } from "./image-environment.ts";

const ctx = backgroundContext();
const first = testImage("one");
const second = testImage("two");
const config = first.blobs[0]?.descriptor.digest;

test("pullImage() puts the image into the store under its canonical name", async () => {
  await using environment = await openTestEnvironment();
  const repository = environment.repository("docker.io/library/web");
  await pushImage(ctx, repository, first);
  await repository.tag(ctx, first.manifest.descriptor, "v1");

  const pulled = await pullImage(ctx, environment, { name: "docker://web:v1", policy: "missing" });
  expect(pulled).toEqual({
    name: "docker.io/library/web:v1",
    digest: first.manifest.descriptor.digest,
    id: config,
  });
  expect(await environment.store.resolve(ctx, "docker.io/library/web:v1")).toMatchObject(first.manifest.descriptor);
});

test("pullImage() takes one platform out of an index and names the others when there is none", async () => {
  await using environment = await openTestEnvironment();
  const repository = environment.repository("r.example/web");
  const index = testIndex({
    ...first.manifest,
    descriptor: { ...first.manifest.descriptor, platform: { os: "linux", architecture: "amd64" } },
  });
  await pushImage(ctx, repository, first);
  await pushBlob(ctx, repository, index);
  await repository.tag(ctx, index.descriptor, "v1");

  const pulled = await pullImage(ctx, environment, { name: "r.example/web:v1", policy: "missing" });
  expect(pulled.digest).toBe(first.manifest.descriptor.digest);
  const arm = { os: "linux", architecture: "arm64" };
  await expect(
    pullImage(ctx, environment, { name: "r.example/web:v1", policy: "always", platform: arm }),
  ).rejects.toThrow('Cannot use image "r.example/web:v1" for linux/arm64: it is there for linux/amd64');
});

test.each<[PullPolicy, typeof first]>([
  ["missing", first],
  ["never", first],
  ["newer", second],
  ["always", second],
])("pullImage() with policy %s", async (policy, expected) => {
  await using environment = await openTestEnvironment();
  const repository = environment.repository("r.example/web");
  await pushImage(ctx, environment.store, first);
  await environment.store.tag(ctx, first.manifest.descriptor, "r.example/web:v1");
  await pushImage(ctx, repository, second);
  await repository.tag(ctx, second.manifest.descriptor, "v1");

  const pulled = await pullImage(ctx, environment, { name: "r.example/web:v1", policy });
  expect(pulled.digest).toBe(expected.manifest.descriptor.digest);
});

test("pullImage() asks no registry when it may not", async () => {
  await using environment = await openTestEnvironment();
  await expect(pullImage(ctx, environment, { name: "r.example/web:v1", policy: "never" })).rejects.toThrow(
    'Cannot find image "r.example/web:v1" in the store, and may not pull it',
  );
  expect(environment.repositories.size).toBe(0);
});
