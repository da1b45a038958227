import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

import { bytesOf } from "../../../src/base/bytes.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { RegistryFolder } from "../../../src/registry/storage/filesystem.ts";
import { blobPath } from "../../../src/registry/storage/layout.ts";
import { describeImageTarget } from "../../support/content-store-contract.ts";
import { TaggedByName } from "../../support/tagged-by-name.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { blob, pushBlob, pushImage, testImage } from "../../support/test-image.ts";

const ctx = backgroundContext();
const at = useTemporaryFolder();

describeImageTarget("RepositoryFolder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "registry-folder-test-"));
  return {
    store: new TaggedByName(new RegistryFolder(folder).repository("library/web")),
    close: () => rm(folder, { recursive: true, force: true }),
  };
});

test.each(["", "..", "../up", "a/../b", "/etc", "Upper", "a//b", "_uploads", "a/_manifests", "a\0b"])(
  "repository() refuses '%s'",
  (name) => {
    expect(() => new RegistryFolder(at()).repository(name)).toThrow("the name is malformed");
  },
);

test("listRepositories() lists those with manifests, also one inside another", async () => {
  const registry = new RegistryFolder(at());
  for (const name of ["web", "library/web", "library"]) {
    await pushImage(ctx, registry.repository(name), testImage(name));
  }
  await pushBlob(ctx, registry.repository("blobs/only"), blob("x"));
  expect(await registry.listRepositories(ctx)).toEqual(["library", "library/web", "web"]);
});

test("listRepositories() lists nothing when the folder is not there", async () => {
  expect(await new RegistryFolder(at("missing")).listRepositories(ctx)).toEqual([]);
});

test("has() is false for a blob of another repository until it is mounted", async () => {
  const registry = new RegistryFolder(at());
  const [source, target] = [registry.repository("a"), registry.repository("b")];
  const piece = blob("shared");
  await pushBlob(ctx, source, piece);
  expect(await target.has(ctx, piece.descriptor)).toBe(false);
  expect(await target.mount(piece.descriptor.digest, source.name)).toBe(true);
  expect(await target.has(ctx, piece.descriptor)).toBe(true);
  expect(await target.mount(blob("absent").descriptor.digest, source.name)).toBe(false);
});

test("push() leaves no upload behind, whether it succeeds or not", async () => {
  const repository = new RegistryFolder(at()).repository("web");
  await pushBlob(ctx, repository, blob("good"));
  await expect(repository.push(ctx, blob("bad").descriptor, bytesOf("worse"))).rejects.toThrow("Expected sha256:");
  expect(await readdir(at("docker/registry/v2/repositories/web/_uploads"))).toEqual([]);
});

test("finishUpload() completes an upload that another process began", async () => {
  const piece = blob("first half, second half");
  const before = new RegistryFolder(at()).repository("web");
  const started = await before.uploads.start();
  await before.uploads.append(ctx, started, bytesOf("first half, "));

  const after = new RegistryFolder(at()).repository("web");
  const found = await after.uploads.find(started.id);
  expect(found?.sizeBytes).toBe(12);
  await after.uploads.append(ctx, started, bytesOf("second half"));
  await after.finishUpload(started.id, piece.descriptor.digest);

  expect(await after.has(ctx, piece.descriptor)).toBe(true);
});

test("removeDocument() removes the tags that mean it and no others", async () => {
  const repository = new RegistryFolder(at()).repository("web");
  const [one, two] = [testImage("one"), testImage("two")];
  for (const image of [one, two]) await pushImage(ctx, repository, image);
  await repository.tag(ctx, one.manifest.descriptor, "v1");
  await repository.tag(ctx, one.manifest.descriptor, "latest");
  await repository.tag(ctx, two.manifest.descriptor, "v2");

  expect(await repository.removeDocument(one.manifest.descriptor.digest)).toBe(true);

  expect(await repository.listTags()).toEqual(["v2"]);
  expect(await repository.has(ctx, one.manifest.descriptor)).toBe(false);
  expect(await repository.removeDocument(one.manifest.descriptor.digest)).toBe(false);
});

test("removeTag() keeps the image", async () => {
  const repository = new RegistryFolder(at()).repository("web");
  const image = testImage("one");
  await pushImage(ctx, repository, image);
  await repository.tag(ctx, image.manifest.descriptor, "v1");
  expect(await repository.removeTag("v1")).toBe(true);
  expect(await repository.removeTag("v1")).toBe(false);
  expect(await repository.listTags()).toEqual([]);
  expect(await repository.has(ctx, image.manifest.descriptor)).toBe(true);
});

test("resolve() fails with INTEGRITY when the manifest's file is damaged", async () => {
  const repository = new RegistryFolder(at()).repository("web");
  const { manifest, blobs } = testImage("one");
  await pushImage(ctx, repository, { manifest, blobs });
  await repository.tag(ctx, manifest.descriptor, "v1");
  const path = at(blobPath(manifest.descriptor.digest));
  const content = await readFile(path);
  await writeFile(path, content.toString().replace("schemaVersion", "SchemaVersion"));
  await expect(repository.resolve(ctx, "v1")).rejects.toMatchObject({ code: "INTEGRITY" });
});
