import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";

import { backgroundContext } from "../../src/base/context.ts";
import { bytesOf } from "../../src/base/bytes.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { checkStore, removeDamage } from "../../src/store/fsck.ts";
import { ImageStore } from "../../src/store/image-store.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const temporary = useTemporaryFolder();
const ctx = backgroundContext();
const NAME = "localhost/web:v1";

/** An image of two layers that is tagged, and a blob of no image. */
async function makeStore() {
  const store = await ImageStore.open(ctx, temporary("store"));
  const put = async (mediaType: string, content: string) => {
    const descriptor = { mediaType, digest: digestOf(content), size: Buffer.byteLength(content) };
    await store.push(ctx, descriptor, bytesOf(content));
    return descriptor;
  };
  const config = await put("application/vnd.oci.image.config.v1+json", "{}");
  const layers = [
    await put("application/vnd.oci.image.layer.v1.tar", "one"),
    await put("application/vnd.oci.image.layer.v1.tar", "two"),
  ];
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = await put(mediaType, JSON.stringify({ schemaVersion: 2, mediaType, config, layers }));
  const unused = await put("text/plain", "unused");
  await store.tag(ctx, manifest, NAME);
  const [one, two] = layers;
  if (!one || !two) throw new Error("There are two layers");
  return { store, one, two, manifest, unused };
}

test("checkStore() finds nothing wrong with a whole store", async () => {
  const { store } = await makeStore();
  expect(await checkStore(ctx, store.root)).toMatchObject({ blobs: 5, damages: [], damagedCache: [] });
});

test("checkStore() tells what is damaged and missing, and which images that affects", async () => {
  const { store, one, two, unused } = await makeStore();
  writeFileSync(store.blobPath(one.digest), "onE");
  rmSync(store.blobPath(two.digest));
  appendFileSync(store.blobPath(unused.digest), "!");
  mkdirSync(temporary("store/cache/layers"), { recursive: true });
  const cached = `${"0".repeat(64)}.tar`;
  writeFileSync(temporary("store/cache/layers", cached), "other");
  const check = await checkStore(ctx, store.root);
  expect(check.damagedCache).toEqual([cached]);
  expect(new Map(check.damages.map(({ digest, problem, images }) => [digest, [problem, images]]))).toEqual(
    new Map([
      [one.digest, [`its 3 bytes are ${digestOf("onE")}`, [NAME]]],
      [two.digest, ["it is missing", [NAME]]],
      [unused.digest, [`its 7 bytes are ${digestOf("unused!")}`, []]],
    ]),
  );
});

test("checkStore() does not follow a damaged manifest and says that its image is affected", async () => {
  const { store, manifest } = await makeStore();
  appendFileSync(store.blobPath(manifest.digest), " ");
  const { damages } = await checkStore(ctx, store.root);
  expect(damages.map(({ digest, images }) => [digest, images])).toEqual([[manifest.digest, [NAME]]]);
});

test("removeDamage() makes the store take the content again", async () => {
  const { store, one } = await makeStore();
  writeFileSync(store.blobPath(one.digest), "onE");
  await removeDamage(store.root, await checkStore(ctx, store.root));
  expect(await store.has(ctx, one)).toBe(false);
  await store.push(ctx, one, bytesOf("one"));
  expect(await checkStore(ctx, store.root)).toMatchObject({ damages: [], damagedCache: [] });
});
