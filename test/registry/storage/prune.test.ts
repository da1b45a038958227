import { mkdir, rename, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

import { bytesOf } from "../../../src/base/bytes.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import type { Digest } from "../../../src/oci/digest.ts";
import { MEDIA_TYPES } from "../../../src/oci/media-type.ts";
import { RegistryFolder, type RepositoryFolder } from "../../../src/registry/storage/filesystem.ts";
import { blobPath, layerLinkPath, prunedBlobPath } from "../../../src/registry/storage/layout.ts";
import { pruneFolder } from "../../../src/registry/storage/prune.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { blob, document, pushBlob, pushImage, testImage, testIndex, type Blob } from "../../support/test-image.ts";

const ctx = backgroundContext();
const at = useTemporaryFolder();
const LONG_AGO = new Date("2020-01-01T00:00:00Z");
const SINCE = { before: new Date("2021-01-01T00:00:00Z"), untagged: false };

/** Makes blobs and their links look as if nobody had asked for them since 2020. */
async function age(repository: RepositoryFolder, ...blobs: readonly Blob[]): Promise<void> {
  for (const { descriptor } of blobs) {
    await utimes(at(blobPath(descriptor.digest)), LONG_AGO, LONG_AGO);
    await utimes(at(layerLinkPath(repository.name, descriptor.digest)), LONG_AGO, LONG_AGO).catch(() => undefined);
  }
}

async function exists(digest: Digest): Promise<boolean> {
  return (await stat(at(blobPath(digest))).catch(() => undefined)) !== undefined;
}

test("pruneFolder() removes old blobs of no image and leaves images whole", async () => {
  const folder = new RegistryFolder(at());
  const repository = folder.repository("web");
  const image = testImage("kept");
  const loose = blob("loose");
  await pushImage(ctx, repository, image);
  await pushBlob(ctx, repository, loose);
  await age(repository, ...image.blobs, image.manifest, loose);

  expect(await pruneFolder(ctx, folder, SINCE)).toEqual({
    removed: [loose.descriptor.digest],
    untagged: 0,
    uploads: 0,
    freedBytes: 5,
  });
  for (const { descriptor } of [image.manifest, ...image.blobs]) {
    expect(await repository.has(ctx, descriptor)).toBe(true);
  }
  expect(await repository.has(ctx, loose.descriptor)).toBe(false);
});

test("pruneFolder() leaves young blobs, and old ones that somebody has asked for", async () => {
  const folder = new RegistryFolder(at());
  const repository = folder.repository("web");
  const [young, wanted] = [blob("young"), blob("wanted")];
  await pushBlob(ctx, repository, young);
  await pushBlob(ctx, repository, wanted);
  await age(repository, wanted);
  expect(await repository.has(ctx, wanted.descriptor)).toBe(true);

  expect((await pruneFolder(ctx, folder, SINCE)).removed).toEqual([]);
  expect(await repository.has(ctx, wanted.descriptor)).toBe(true);
});

test("pruneFolder() keeps a blob that another repository's image needs", async () => {
  const folder = new RegistryFolder(at());
  const [web, other] = [folder.repository("web"), folder.repository("other/app")];
  const image = testImage("shared");
  const [, layer = blob("")] = image.blobs;
  await pushImage(ctx, web, image);
  await other.mount(layer.descriptor.digest, web.name);
  await age(other, layer);
  await age(web, ...image.blobs);

  expect((await pruneFolder(ctx, folder, SINCE)).removed).toEqual([]);
  expect(await other.findBlob(layer.descriptor.digest)).toBeUndefined();
  expect(await web.has(ctx, layer.descriptor)).toBe(true);
});

test("pruneFolder() removes images that no tag leads to only when it is told so", async () => {
  const folder = new RegistryFolder(at());
  const repository = folder.repository("web");
  const [listed, loose] = [testImage("listed"), testImage("loose")];
  const index = testIndex(listed.manifest);
  const signature = document(MEDIA_TYPES.ociManifest, {
    config: listed.blobs[0]?.descriptor,
    layers: [],
    subject: index.descriptor,
  });
  await pushImage(ctx, repository, listed);
  await pushImage(ctx, repository, loose);
  await pushBlob(ctx, repository, index);
  await pushBlob(ctx, repository, signature);
  await repository.tag(ctx, index.descriptor, "v1");
  await age(repository, ...listed.blobs, ...loose.blobs, listed.manifest, loose.manifest, index, signature);

  expect((await pruneFolder(ctx, folder, SINCE)).removed).toEqual([]);
  const pruned = await pruneFolder(ctx, folder, { ...SINCE, untagged: true });
  expect(pruned.untagged).toBe(1);
  expect([...pruned.removed].sort()).toEqual(
    [loose.manifest, ...loose.blobs].map(({ descriptor }) => descriptor.digest).sort(),
  );
  for (const { descriptor } of [index, signature, listed.manifest]) {
    expect(await repository.has(ctx, descriptor)).toBe(true);
  }
});

test("pruneFolder() removes old uploads, and those of repositories without images", async () => {
  const folder = new RegistryFolder(at());
  const { uploads } = folder.repository("team/begun");
  const [old, young] = [await uploads.start(), await uploads.start()];
  const path = at("docker/registry/v2/repositories/team/begun/_uploads", old.id);
  for (const name of [join(path, "data"), path]) await utimes(name, LONG_AGO, LONG_AGO);

  expect((await pruneFolder(ctx, folder, SINCE)).uploads).toBe(1);
  expect(await new RegistryFolder(at()).repository("team/begun").uploads.find(old.id)).toBeUndefined();
  expect(await uploads.find(young.id)).toBeDefined();
});

test("pruneFolder() removes nothing when a manifest is damaged", async () => {
  const folder = new RegistryFolder(at());
  const repository = folder.repository("web");
  const image = testImage("one");
  const loose = blob("loose");
  await pushImage(ctx, repository, image);
  await pushBlob(ctx, repository, loose);
  await writeFile(at(blobPath(image.manifest.descriptor.digest)), "{}");
  await age(repository, loose);

  await expect(pruneFolder(ctx, folder, SINCE)).rejects.toThrow("the file is damaged");
  expect(await exists(loose.descriptor.digest)).toBe(true);
});

test("pruneFolder() puts back what a killed prune had moved aside when an image needs it", async () => {
  const folder = new RegistryFolder(at());
  const repository = folder.repository("web");
  const image = testImage("one");
  const [, layer = blob("")] = image.blobs;
  await pushImage(ctx, repository, image);
  const path = at(blobPath(layer.descriptor.digest));
  await rename(path, join(dirname(path), "pruned"));

  await pruneFolder(ctx, folder, SINCE);
  expect(await repository.has(ctx, layer.descriptor)).toBe(true);
});

test("pruneFolder() lets a blob be pushed again afterwards", async () => {
  const folder = new RegistryFolder(at());
  const repository = folder.repository("web");
  const loose = blob("loose");
  await mkdir(at("docker"), { recursive: true });
  await pushBlob(ctx, repository, loose);
  await age(repository, loose);
  await pruneFolder(ctx, folder, SINCE);
  expect(await exists(loose.descriptor.digest)).toBe(false);
  await repository.push(ctx, loose.descriptor, bytesOf(loose.content));
  expect(await repository.has(ctx, loose.descriptor)).toBe(true);
});

test("findBlob() takes back what a prune has moved aside", async () => {
  const repository = new RegistryFolder(at()).repository("web");
  const piece = blob("aside");
  await pushBlob(ctx, repository, piece);
  await rename(at(blobPath(piece.descriptor.digest)), at(prunedBlobPath(piece.descriptor.digest)));
  expect(await repository.findBlob(piece.descriptor.digest)).toMatchObject({ sizeBytes: 5 });
  expect(await exists(piece.descriptor.digest)).toBe(true);
});
