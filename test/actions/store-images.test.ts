import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import { inspectImage } from "../../src/actions/inspect-image.ts";
import { listImages } from "../../src/actions/list-images.ts";
import { loadImages } from "../../src/actions/load-images.ts";
import { removeImages } from "../../src/actions/remove-images.ts";
import { saveImages } from "../../src/actions/save-images.ts";
import { tagImage } from "../../src/actions/tag-image.ts";
import { bytesOf } from "../../src/base/bytes.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { pushImage, testImage, type TestImage } from "../support/test-image.ts";
import { openTestEnvironment, type TestImageEnvironment } from "./image-environment.ts";

const ctx = backgroundContext();
const web = testImage("one");
const other = testImage("one", "two");

function idOf({ blobs }: TestImage): string | undefined {
  return blobs[0]?.descriptor.digest;
}

async function add({ store }: TestImageEnvironment, image: TestImage, ...names: string[]): Promise<void> {
  await pushImage(ctx, store, image);
  for (const name of names) await store.tag(ctx, image.manifest.descriptor, name);
}

test("tagImage() adds names; short ones belong to localhost", async () => {
  await using environment = await openTestEnvironment();
  await add(environment, web, "localhost/web:v1");
  expect(
    await tagImage(ctx, environment, { name: "web:v1", newNames: ["web", "team/web:v2", "r.example/web"] }),
  ).toEqual(["localhost/web:latest", "localhost/team/web:v2", "r.example/web:latest"]);
  const [image] = await listImages(ctx, environment);
  expect(image?.names).toEqual([
    "localhost/team/web:v2",
    "localhost/web:latest",
    "localhost/web:v1",
    "r.example/web:latest",
  ]);
});

test("tagImage() changes nothing when one of the names is malformed", async () => {
  await using environment = await openTestEnvironment();
  await add(environment, web, "localhost/web:v1");
  await expect(tagImage(ctx, environment, { name: "web:v1", newNames: ["good", "BAD"] })).rejects.toThrow(
    expect.objectContaining({ code: "INVALID_REFERENCE" }),
  );
  expect((await listImages(ctx, environment)).flatMap(({ names }) => names)).toEqual(["localhost/web:v1"]);
});

test("listImages() lists each image once, with ID, size and names", async () => {
  await using environment = await openTestEnvironment();
  await add(environment, web, "localhost/b:1", "localhost/a:1");
  await add(environment, other, "localhost/c:1");
  const images = await listImages(ctx, environment);
  expect(images.map(({ id, names }) => ({ id, names }))).toEqual([
    { id: idOf(web), names: ["localhost/a:1", "localhost/b:1"] },
    { id: idOf(other), names: ["localhost/c:1"] },
  ]);
  const sizes = [web.manifest, ...web.blobs].map(({ descriptor }) => descriptor.size);
  expect(images[0]?.sizeBytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
});

test("inspectImage() finds an image by name and by the first digits of its ID", async () => {
  await using environment = await openTestEnvironment();
  await add(environment, web, "localhost/web:v1");
  const details = await inspectImage(ctx, environment, { name: "web:v1" });
  expect(details).toMatchObject({ name: "localhost/web:v1", digest: web.manifest.descriptor.digest, id: idOf(web) });
  const byId = await inspectImage(ctx, environment, { name: idOf(web)?.slice(7, 19) ?? "" });
  expect(byId.id).toBe(idOf(web));
});

test("removeImages() removes the image with its last name", async () => {
  await using environment = await openTestEnvironment();
  await add(environment, web, "localhost/web:v1", "localhost/web:v2");
  await add(environment, other, "localhost/other:v1");
  const remove = (name: string) => removeImages(ctx, environment, { kind: "named", names: [name], force: false });
  expect(await remove("web:v1")).toMatchObject({ untagged: ["localhost/web:v1"], removed: [] });
  expect(await remove("web:v2")).toMatchObject({ untagged: ["localhost/web:v2"], removed: [idOf(web)] });
  expect(await inspectImage(ctx, environment, { name: "other:v1" })).toMatchObject({ id: idOf(other) });
});

test("removeImages() removes an image with several names by its ID only when forced", async () => {
  await using environment = await openTestEnvironment();
  await add(environment, web, "localhost/web:v1", "localhost/web:v2");
  const names = [idOf(web) ?? ""];
  await expect(removeImages(ctx, environment, { kind: "named", names, force: false })).rejects.toThrow(
    "it has the names",
  );
  const result = await removeImages(ctx, environment, { kind: "named", names, force: true });
  expect(result.removed).toEqual([idOf(web)]);
});

test("removeImages() of dangling images keeps those with names, of all none", async () => {
  await using environment = await openTestEnvironment();
  await add(environment, web, "localhost/web:v1");
  await add(environment, other, "localhost/web:v1");
  expect(await removeImages(ctx, environment, { kind: "dangling" })).toMatchObject({ removed: [idOf(web)] });
  expect(await removeImages(ctx, environment, { kind: "all" })).toMatchObject({ removed: [idOf(other)] });
  expect(await listImages(ctx, environment)).toEqual([]);
});

test("saveImages() and loadImages() carry images and names from store to store", async () => {
  await using environment = await openTestEnvironment();
  await using elsewhere = await openTestEnvironment();
  await add(environment, web, "localhost/web:v1");
  await add(environment, other, "localhost/other:v1");
  const destination = join(environment.store.root, "../bundle.tar");
  const saved = await saveImages(ctx, environment, { names: ["web:v1", "other:v1"], destination });
  expect(saved.names).toEqual(["localhost/web:v1", "localhost/other:v1"]);

  expect(await loadImages(ctx, elsewhere, destination)).toEqual([
    { name: "localhost/web:v1", digest: web.manifest.descriptor.digest },
    { name: "localhost/other:v1", digest: other.manifest.descriptor.digest },
  ]);
  const stream = await loadImages(ctx, elsewhere, bytesOf(await readFile(destination)));
  expect(stream).toHaveLength(2);
});

test("saveImages() refuses a folder and an image that is not there", async () => {
  await using environment = await openTestEnvironment();
  await add(environment, web, "localhost/web:v1");
  const { root } = environment.store;
  await expect(saveImages(ctx, environment, { names: ["web:v1"], destination: root })).rejects.toThrow(
    "it is a folder",
  );
  await expect(
    saveImages(ctx, environment, { names: ["web:v1", "none"], destination: join(root, "../x.tar") }),
  ).rejects.toThrow(expect.objectContaining({ code: "IMAGE_NOT_FOUND" }));
});
