import { existsSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";

import { bytesOf } from "../../src/base/bytes.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { openImageFiles } from "../../src/store/image-files.ts";
import { ImageStore } from "../../src/store/image-store.ts";
import { textMember } from "../archive/entries.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { addImage } from "./images.ts";

const temporary = useTemporaryFolder();
const ctx = backgroundContext();
const open = (): Promise<ImageStore> => ImageStore.open(ctx, temporary("store"));
const SHARED = [textMember("shared", "x")];

test("remove() takes the image's content and leaves what others have", async () => {
  const store = await open();
  const one = await addImage(ctx, store, [SHARED, [textMember("one", "1")]]);
  const two = await addImage(ctx, store, [SHARED, [textMember("two", "2")]]);
  await store.tag(ctx, one.manifest, "localhost/one:v1");
  await store.tag(ctx, two.manifest, "localhost/two:v1");
  const removed = await store.remove(ctx, "one:v1");
  expect(removed.untagged).toEqual(["localhost/one:v1"]);
  expect(new Set(removed.removed)).toEqual(new Set([one.manifest, one.config, one.layers[1]].map((d) => d?.digest)));
  const sizes = [one.manifest, one.config, one.layers[1]].map((descriptor) => descriptor?.size ?? 0);
  expect(removed.freedBytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
  await openImageFiles(ctx, store, two.manifest);
});

test("remove() takes only the name while the image has another one", async () => {
  const store = await open();
  const { manifest } = await addImage(ctx, store, [SHARED]);
  await store.tag(ctx, manifest, "localhost/web:v1");
  await store.tag(ctx, manifest, "localhost/web:v2");
  expect(await store.remove(ctx, "web:v1")).toEqual({ untagged: ["localhost/web:v1"], removed: [], freedBytes: 0 });
  expect(await store.list(ctx)).toEqual([{ descriptor: manifest, names: ["localhost/web:v2"] }]);
});

test("remove() refuses an ID of an image with several names, unless all names are meant", async () => {
  const store = await open();
  const { manifest } = await addImage(ctx, store, [SHARED]);
  await store.tag(ctx, manifest, "localhost/web:v1");
  await store.tag(ctx, manifest, "localhost/web:v2");
  await expect(store.remove(ctx, manifest.digest)).rejects.toThrow(
    "it has the names localhost/web:v1, localhost/web:v2",
  );
  const { untagged } = await store.remove(ctx, manifest.digest, { allNames: true });
  expect(untagged).toEqual(["localhost/web:v1", "localhost/web:v2"]);
  expect(await store.list(ctx)).toEqual([]);
});

test("remove() leaves content of no image to prune(), for a pull that is to go on", async () => {
  const store = await open();
  const { manifest } = await addImage(ctx, store, [SHARED]);
  await store.tag(ctx, manifest, "localhost/web:v1");
  const partial = await pushText(store, "half a pull");
  await store.remove(ctx, "web:v1");
  expect(await store.has(ctx, partial)).toBe(true);
  await store.prune(ctx);
  expect(await store.has(ctx, partial)).toBe(false);
});

test("prune() removes images without a name, loose content and unpacked layers, and keeps the rest", async () => {
  const store = await open();
  const kept = await addImage(ctx, store, [SHARED], "gzip");
  await store.tag(ctx, kept.manifest, "localhost/web:v1");
  const unnamed = await addImage(ctx, store, [SHARED, [textMember("more", "y")]], "gzip");
  await store.keep(ctx, unnamed.manifest);
  for (const image of [kept, unnamed]) await openImageFiles(ctx, store, image.manifest);
  expect(readdirSync(temporary("store/cache/layers")).length).toBe(4);
  const { removed } = await store.prune(ctx);
  expect(new Set(removed)).toEqual(
    new Set([unnamed.manifest, unnamed.config, unnamed.layers[1]].map((d) => d?.digest)),
  );
  expect(readdirSync(temporary("store/cache/layers")).length).toBe(2);
  expect(await store.list(ctx)).toEqual([{ descriptor: kept.manifest, names: ["localhost/web:v1"] }]);
});

test("prune() removes nothing that another user of the store has written, asked for or opened", async () => {
  const pruner = await open();
  const old = await pushText(pruner, "old");
  const forgotten = await pushText(pruner, "forgotten");
  utimesSync(pruner.blobPath(forgotten.digest), 1, 1); // before the next user came
  await using builder = await open();
  await builder.has(ctx, old);
  const written = await pushText(builder, "new");
  const running = await addImage(ctx, builder, [SHARED], "gzip");
  await builder.keep(ctx, running.manifest);
  await openImageFiles(ctx, builder, running.manifest);
  expect((await pruner.prune(ctx)).removed).toEqual([forgotten.digest]);
  for (const descriptor of [old, written, running.manifest]) expect(await builder.has(ctx, descriptor)).toBe(true);
  expect(readdirSync(temporary("store/cache/layers")).length).toBe(2);
});

test("prune() removes what a user of the store had once that user is gone", async () => {
  const pruner = await open();
  const builder = await open();
  const written = await pushText(builder, "new");
  await builder[Symbol.asyncDispose]();
  expect((await pruner.prune(ctx)).removed).toEqual([written.digest]);
  const other = await pushText(pruner, "other");
  writeFileSync(temporary("store/leases/4194305-1.abc"), ""); // of a process that was killed
  expect((await pruner.prune(ctx)).removed).toEqual([other.digest]);
});

test("prune() removes temporary files of dead processes only", async () => {
  const store = await open();
  const living = store.createTemporary();
  writeFileSync(living, "being written");
  writeFileSync(temporary("store/tmp/4194305-1.abc"), "left behind");
  expect((await store.prune(ctx)).freedBytes).toBe(11);
  expect(existsSync(living)).toBe(true);
});

test("prune() keeps all parts of an image whose manifest lists what is not there", async () => {
  const store = await open();
  const { manifest, config } = await addImage(ctx, store, [SHARED]);
  await store.tag(ctx, manifest, "localhost/web:v1");
  writeFileSync(store.blobPath(config.digest), "damaged");
  expect((await store.prune(ctx)).removed).toEqual([]);
});

async function pushText(store: ImageStore, text: string) {
  const descriptor = { mediaType: "text/plain", digest: digestOf(text), size: text.length };
  await store.push(ctx, descriptor, bytesOf(text));
  return descriptor;
}
