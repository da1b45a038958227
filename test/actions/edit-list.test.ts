import { expect, test } from "vitest";

import { annotateMember, hasList, removeLists, removeMember } from "../../src/actions/edit-list.ts";
import { addToList, annotated, createList } from "../../src/actions/manifest-list.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { MEDIA_TYPES } from "../../src/oci/media-type.ts";
import * as content from "../support/test-image.ts";
import { openTestEnvironment, type TestImageEnvironment } from "./image-environment.ts";

const ctx = backgroundContext();
const image = content.testImage("one");
const { digest } = image.manifest.descriptor;

async function withList(): Promise<TestImageEnvironment> {
  const environment = await openTestEnvironment();
  await content.pushImage(ctx, environment.store, image);
  await environment.store.tag(ctx, image.manifest.descriptor, "localhost/one:v1");
  await createList(ctx, environment, { name: "list", members: [{ name: "one:v1" }], amend: false });
  return environment;
}

test("annotateMember() changes platform and annotations of one image, found by digest or name", async () => {
  await using environment = await withList();
  const platform = { architecture: "arm64", variant: "v8" };
  const first = await annotateMember(ctx, environment, {
    name: "list",
    member: digest,
    statement: { platform, annotations: {} },
  });
  expect(first.index.manifests).toMatchObject([
    { digest, platform: { os: "linux", architecture: "arm64", variant: "v8" } },
  ]);
  const second = { name: "list", member: "one:v1", statement: { platform: {}, annotations: { a: "b" } } };
  expect((await annotateMember(ctx, environment, second)).index.manifests).toMatchObject([
    { digest, platform: { architecture: "arm64" }, annotations: { a: "b" } },
  ]);
});

test("addToList() corrects what the image says about itself, and keeps images for different versions of a system", async () => {
  await using environment = await withList();
  const other = content.testImage("two");
  await content.pushImage(ctx, environment.store, other);
  await environment.store.tag(ctx, other.manifest.descriptor, "localhost/two:v1");
  const version = "10.0.20348.1";
  const statement = { platform: { os: "windows", "os.version": version }, annotations: { a: "b" } };
  const platform = { os: "windows", architecture: "amd64" };
  await addToList(ctx, environment, { name: "list", member: { name: "one:v1", platform, statement } });
  const { index } = await addToList(ctx, environment, {
    name: "list",
    member: { name: "two:v1", platform, statement: { platform: { os: "windows" }, annotations: {} } },
  });
  expect(index.manifests).toMatchObject([
    { digest, platform: { os: "windows", architecture: "amd64", "os.version": version }, annotations: { a: "b" } },
    { digest: other.manifest.descriptor.digest, platform: { os: "windows", architecture: "amd64" } },
  ]);
});

test("createList() takes all images of another index, with its attestations", async () => {
  await using environment = await withList();
  const { store } = environment;
  const notes = [content.testImage("note one"), content.testImage("note two")];
  for (const note of notes) await content.pushImage(ctx, store, note);
  const unknown = { os: "unknown", architecture: "unknown" };
  const manifests = [
    { ...image.manifest.descriptor, platform: { os: "linux", architecture: "arm64", variant: "v8" } },
    ...notes.map(({ manifest }) => ({ ...manifest.descriptor, platform: unknown })),
  ];
  const index = content.document(MEDIA_TYPES.ociIndex, { manifests });
  await content.pushBlob(ctx, store, index);
  await store.tag(ctx, index.descriptor, "localhost/whole:v1");
  const members = [{ name: "whole:v1", all: true }];
  const created = await createList(ctx, environment, { name: "copy", members, amend: false });
  expect(created.index.manifests).toEqual(manifests);
});

test("removeMember() takes an image out and leaves it in the store", async () => {
  await using environment = await withList();
  const { index } = await removeMember(ctx, environment, { name: "list", member: digest.slice(7, 19) });
  expect(index.manifests).toEqual([]);
  expect(await environment.store.find(ctx, "one:v1")).toMatchObject({ descriptor: { digest } });
  await expect(removeMember(ctx, environment, { name: "list", member: digest })).rejects.toMatchObject({
    code: "IMAGE_NOT_FOUND",
    message: expect.stringContaining("it has no image"),
  });
});

test("removeLists() removes indexes and refuses images", async () => {
  await using environment = await withList();
  await expect(removeLists(ctx, environment, ["list", "one:v1"])).rejects.toMatchObject({ code: "INVALID_INPUT" });
  expect(await hasList(ctx, environment, "list")).toBe(true);
  expect(await removeLists(ctx, environment, ["list"])).toEqual(["localhost/list:latest"]);
  expect(await hasList(ctx, environment, "list")).toBe(false);
});

test("annotated() leaves a descriptor without a platform alone when none is given", () => {
  expect(annotated(image.manifest.descriptor, { platform: {}, annotations: {} })).toEqual(image.manifest.descriptor);
});
