import { expect, test } from "vitest";

import { bytesOf, collect } from "../../../src/base/bytes.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { MemoryRegistry } from "../../../src/registry/storage/memory.ts";
import { describeImageTarget } from "../../support/content-store-contract.ts";
import { TaggedByName } from "../../support/tagged-by-name.ts";
import { blob, pushBlob, pushImage, testImage } from "../../support/test-image.ts";

const ctx = backgroundContext();

function open(limitBytes = 1_000_000): MemoryRegistry {
  return new MemoryRegistry({ limitBytes });
}

describeImageTarget("MemoryRegistry", async () => ({
  store: new TaggedByName(open().repository("library/web")),
  close: async () => undefined,
}));

test("repository() gives one content to everybody who opened it before there was any", async () => {
  const registry = open();
  const [one, two] = [registry.repository("web"), registry.repository("web")];
  const [first, second] = [blob("first"), blob("second")];
  await pushBlob(ctx, one, first);
  await pushBlob(ctx, two, second);
  expect(await one.findBlob(second.descriptor.digest)).toEqual({ digest: second.descriptor.digest, sizeBytes: 6 });
  expect(await two.findBlob(first.descriptor.digest)).toEqual({ digest: first.descriptor.digest, sizeBytes: 5 });
});

test("repository() shows nothing of what another repository has until it is mounted", async () => {
  const registry = open();
  const piece = blob("shared");
  await pushBlob(ctx, registry.repository("a"), piece);
  const target = registry.repository("b");
  expect(await target.has(ctx, piece.descriptor)).toBe(false);
  expect(await target.mount(piece.descriptor.digest, "a")).toBe(true);
  expect(await target.has(ctx, piece.descriptor)).toBe(true);
  expect(await target.mount(blob("absent").descriptor.digest, "a")).toBe(false);
});

test("listRepositories() lists those with images, sorted", async () => {
  const registry = open();
  for (const name of ["web", "library/web"]) await pushImage(ctx, registry.repository(name), testImage(name));
  await pushBlob(ctx, registry.repository("blobs/only"), blob("x"));
  expect(await registry.listRepositories(ctx)).toEqual(["library/web", "web"]);
});

test("push() fails with MEMORY_FULL beyond the limit, and works again when something is removed", async () => {
  const repository = open(10).repository("web");
  const [first, second] = [blob("0123456"), blob("abcdefg")];
  await pushBlob(ctx, repository, first);
  await expect(pushBlob(ctx, repository, second)).rejects.toMatchObject({ code: "MEMORY_FULL" });
  await repository.removeBlob(first.descriptor.digest);
  await pushBlob(ctx, repository, second);
  expect(await repository.has(ctx, second.descriptor)).toBe(true);
});

test("push() counts a blob once, however many repositories have it and however often it is sent", async () => {
  const registry = open(10);
  const piece = blob("01234");
  for (const name of ["a", "b", "c"]) await pushBlob(ctx, registry.repository(name), piece);
  for (const name of ["a", "b"]) await registry.repository(name).removeBlob(piece.descriptor.digest);
  await expect(pushBlob(ctx, registry.repository("d"), blob("abcdef"))).rejects.toMatchObject({ code: "MEMORY_FULL" });
  await registry.repository("c").removeBlob(piece.descriptor.digest);
  await pushBlob(ctx, registry.repository("d"), blob("abcdef"));
});

test("append() makes room by forgetting an upload that nobody goes on with", async () => {
  const { uploads } = open(10).repository("web");
  const abandoned = await uploads.start();
  await uploads.append(ctx, abandoned, bytesOf("01234567"));
  const next = await uploads.start();
  expect(await uploads.append(ctx, next, bytesOf("abcde"))).toEqual({ id: next.id, sizeBytes: 5 });
  expect(await uploads.find(abandoned.id)).toBeUndefined();
});

test("readBlob() gives the bytes of a range across the pieces in which they came", async () => {
  const repository = open().repository("web");
  const piece = blob("0123456789");
  const upload = await repository.uploads.start();
  for (const part of ["012", "3", "456789"]) await repository.uploads.append(ctx, upload, bytesOf(part));
  await repository.finishUpload(upload.id, piece.descriptor.digest);
  const stored = { digest: piece.descriptor.digest, sizeBytes: 10 };
  const range = { first: 2, last: 5 };
  expect((await collect(repository.readBlob(ctx, stored, range), 10)).toString()).toBe("2345");
});
