import { expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { RegistryFolder } from "../../../src/registry/storage/filesystem.ts";
import { tagLinkPath } from "../../../src/registry/storage/layout.ts";
import { writeLink } from "../../../src/registry/storage/links.ts";
import { findReferences } from "../../../src/registry/storage/references.ts";
import { RemovedLinks } from "../../../src/registry/storage/removed-links.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { pushBlob, pushImage, testImage, testIndex } from "../../support/test-image.ts";

const ctx = backgroundContext();
const at = useTemporaryFolder();

test("restore() puts back the image that an index lists which came after the removal, and then its layers", async () => {
  const folder = new RegistryFolder(at());
  const repository = folder.repository("web");
  const image = testImage("layer");
  const { descriptor } = image.manifest;
  await pushImage(ctx, repository, image);
  const links = new RemovedLinks(at());
  await links.remove("web", "document", descriptor.digest);
  for (const part of image.blobs) await links.remove("web", "layer", part.descriptor.digest);
  expect(links.documents).toBe(1);

  await pushBlob(ctx, repository, testIndex(image.manifest));

  expect(await links.restore(await findReferences(ctx, folder))).toBe(true);
  expect(await links.restore(await findReferences(ctx, folder))).toBe(true);
  expect(await links.restore(await findReferences(ctx, folder))).toBe(false);
  expect(links.documents).toBe(0);
  for (const part of [image.manifest, ...image.blobs]) expect(await repository.has(ctx, part.descriptor)).toBe(true);
});

test("restore() puts back what a tag means that came after the removal", async () => {
  const folder = new RegistryFolder(at());
  const index = testIndex();
  await pushBlob(ctx, folder.repository("web"), index);
  const links = new RemovedLinks(at());
  await links.remove("web", "document", index.descriptor.digest);
  await writeLink(at(), tagLinkPath("web", "v1"), index.descriptor.digest);

  expect(await links.restore(await findReferences(ctx, folder))).toBe(true);
  expect(await folder.repository("web").resolve(ctx, "v1")).toEqual(index.descriptor);
});

test("restore() leaves removed what nothing needs", async () => {
  const folder = new RegistryFolder(at());
  const image = testImage("layer");
  await pushImage(ctx, folder.repository("web"), image);
  const links = new RemovedLinks(at());
  await links.remove("web", "document", image.manifest.descriptor.digest);
  expect(await links.restore(await findReferences(ctx, folder))).toBe(false);
  expect(links.documents).toBe(1);
});

test("commit() leaves a link that a server took back, and removes the others for good", async () => {
  const folder = new RegistryFolder(at());
  const image = testImage("asked for", "forgotten");
  await pushImage(ctx, folder.repository("web"), image);
  const digests = image.blobs.slice(1).map(({ descriptor }) => descriptor.digest);
  const links = new RemovedLinks(at());
  for (const digest of digests) await links.remove("web", "layer", digest);
  const found = async (): Promise<boolean[]> =>
    Promise.all(digests.map(async (digest) => (await folder.repository("web").findBlob(digest)) !== undefined));

  const [asked] = digests;
  if (asked) await folder.repository("web").findBlob(asked);
  await links.commit(async () => false);

  expect(await found()).toEqual([true, false]);
});
