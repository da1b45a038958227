import { expect, test } from "vitest";

import { pushImage } from "../../src/actions/push-image.ts";
import { backgroundContext } from "../../src/base/context.ts";
import * as content from "../support/test-image.ts";
import { openTestEnvironment } from "./image-environment.ts";

const ctx = backgroundContext();
const image = content.testImage("one", "two");

test("pushImage() sends the image with all its content and tags it", async () => {
  await using environment = await openTestEnvironment();
  await content.pushImage(ctx, environment.store, image);
  await environment.store.tag(ctx, image.manifest.descriptor, "localhost/web:v1");
  const request = { name: "web:v1", destination: "docker://r.example/team/web:v2", all: false };

  expect(await pushImage(ctx, environment, request)).toEqual({
    reference: "r.example/team/web:v2",
    digest: image.manifest.descriptor.digest,
  });
  const repository = environment.repository("r.example/team/web");
  expect(repository.tags.get("v2")).toMatchObject(image.manifest.descriptor);
  expect([...repository.blobs.keys()].sort()).toEqual(
    [image.manifest, ...image.blobs].map(({ descriptor }) => descriptor.digest).sort(),
  );
});

test("pushImage() pushes to the name of the image when no destination is given", async () => {
  await using environment = await openTestEnvironment();
  await content.pushImage(ctx, environment.store, image);
  await environment.store.tag(ctx, image.manifest.descriptor, "r.example/web:v1");
  await pushImage(ctx, environment, { name: "r.example/web:v1", all: false });
  expect([...environment.repositories.keys()]).toEqual(["r.example/web"]);
});
