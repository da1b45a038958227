import { expect, test } from "vitest";

import { findImage } from "../../src/actions/find-image.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { pushImage, testImage } from "../support/test-image.ts";
import { openTestEnvironment } from "./image-environment.ts";

const ctx = backgroundContext();
const image = testImage("one");

test("findImage() takes what is in the store and asks nobody", async () => {
  await using environment = await openTestEnvironment();
  await pushImage(ctx, environment.store, image);
  await environment.store.tag(ctx, image.manifest.descriptor, "localhost/web:latest");
  expect(await findImage(ctx, environment, { name: "web" })).toMatchObject(image.manifest.descriptor);
  expect(environment.repositories.size).toBe(0);
});

test("findImage() pulls what is not in the store", async () => {
  await using environment = await openTestEnvironment();
  const repository = environment.repository("docker.io/library/web");
  await pushImage(ctx, repository, image);
  await repository.tag(ctx, image.manifest.descriptor, "latest");
  expect(await findImage(ctx, environment, { name: "web" })).toMatchObject(image.manifest.descriptor);
});

test("findImage() says everything that was searched", async () => {
  await using environment = await openTestEnvironment();
  await expect(findImage(ctx, environment, { name: "web" })).rejects.toThrow(
    /^Cannot find image "web": searched for localhost\/web:latest, docker\.io\/library\/web:latest, .*; Cannot find "latest" in memory$/,
  );
});

test("findImage() asks the registry again when the policy says so, but never for an image of localhost", async () => {
  await using environment = await openTestEnvironment();
  const newer = testImage("two");
  await pushImage(ctx, environment.store, image);
  await environment.store.tag(ctx, image.manifest.descriptor, "r.example/web:v1");
  await environment.store.tag(ctx, image.manifest.descriptor, "localhost/web:v1");
  const repository = environment.repository("r.example/web");
  await pushImage(ctx, repository, newer);
  await repository.tag(ctx, newer.manifest.descriptor, "v1");
  const digestOf = async (name: string) => (await findImage(ctx, environment, { name, policy: "newer" })).digest;
  expect(await digestOf("web:v1")).toBe(image.manifest.descriptor.digest);
  expect(await digestOf("r.example/web:v1")).toBe(newer.manifest.descriptor.digest);
});

test("findImage() asks no registry for an image of localhost", async () => {
  await using environment = await openTestEnvironment();
  await expect(findImage(ctx, environment, { name: "localhost/web" })).rejects.toThrow(
    expect.objectContaining({ code: "IMAGE_NOT_FOUND" }),
  );
  expect(environment.repositories.size).toBe(0);
});
