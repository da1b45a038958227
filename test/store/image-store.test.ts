import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";

import { bytesOf, collect } from "../../src/base/bytes.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { hexOf, parseDigest } from "../../src/oci/digest.ts";
import { MEDIA_TYPES } from "../../src/oci/media-type.ts";
import { ImageStore } from "../../src/store/image-store.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { textMember } from "../archive/entries.ts";
import { addDocument, addImage } from "./images.ts";

const temporary = useTemporaryFolder();
const ctx = backgroundContext();
const open = (): Promise<ImageStore> => ImageStore.open(ctx, temporary("store"));

test("open() makes an OCI image layout and finds it again", async () => {
  const store = await open();
  const { manifest } = await addImage(ctx, store, [[textMember("a", "x")]]);
  await store.tag(ctx, manifest, "localhost/web:v1");
  expect(readFileSync(temporary("store/oci-layout"), "utf8")).toBe('{"imageLayoutVersion":"1.0.0"}');
  expect(JSON.parse(readFileSync(temporary("store/index.json"), "utf8"))).toEqual({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [{ ...manifest, annotations: { "org.opencontainers.image.ref.name": "localhost/web:v1" } }],
  });
  expect(await (await open()).list(ctx)).toEqual([{ descriptor: manifest, names: ["localhost/web:v1"] }]);
});

test.for([
  ["holds other files", "notes.txt", "hello", 'it holds other files, for instance "notes.txt"'],
  ["is a layout of another version", "oci-layout", '{"imageLayoutVersion":"2.0.0"}', 'version "2.0.0", wanted 1.0.0'],
])("open() refuses a folder that %s", async ([, file = "", content = "", reason = ""]) => {
  mkdirSync(temporary("store"));
  writeFileSync(temporary("store", file), content);
  await expect(open()).rejects.toMatchObject({ code: "INVALID_INPUT", message: expect.stringContaining(reason) });
});

test("open() refuses a file in the place of the folder", async () => {
  writeFileSync(temporary("store"), "hello");
  await expect(open()).rejects.toMatchObject({ code: "INVALID_INPUT", message: expect.stringContaining("ENOTDIR") });
});

test("open() removes what dead processes left and nothing of living ones", async () => {
  const store = await open();
  writeFileSync(store.createTemporary(), "being written");
  const before = readdirSync(temporary("store/tmp"));
  writeFileSync(temporary("store/tmp/4194305-1.abc"), "left behind");
  await open();
  expect(readdirSync(temporary("store/tmp"))).toEqual(before);
});

test("adopt() moves a finished file to its digest and may be repeated", async () => {
  const store = await open();
  const descriptor = { mediaType: "text/plain", digest: HELLO, size: 5 };
  for (const path of [store.createTemporary(), store.createTemporary()]) {
    writeFileSync(path, "hello");
    await store.adopt(ctx, path, descriptor);
    expect(existsSync(path)).toBe(false);
  }
  expect(readFileSync(store.blobPath(HELLO), "utf8")).toBe("hello");
});

test("adopt() refuses a file of another size", async () => {
  const store = await open();
  const path = store.createTemporary();
  writeFileSync(path, "hell");
  const adopted = store.adopt(ctx, path, { mediaType: "text/plain", digest: HELLO, size: 5 });
  await expect(adopted).rejects.toMatchObject({ code: "INTEGRITY" });
});

test("tag() leaves the image that had the name before without it", async () => {
  const store = await open();
  const one = await addImage(ctx, store, [[textMember("a", "1")]]);
  const two = await addImage(ctx, store, [[textMember("a", "2")]]);
  await store.tag(ctx, one.manifest, "localhost/web:v1");
  await store.tag(ctx, two.manifest, "localhost/web:v1");
  expect(await store.list(ctx)).toEqual([
    { descriptor: one.manifest, names: [] },
    { descriptor: two.manifest, names: ["localhost/web:v1"] },
  ]);
});

test("tag() writes the canonical name and keeps the descriptor's own annotations", async () => {
  const store = await open();
  const { manifest } = await addImage(ctx, store, []);
  await store.tag(ctx, { ...manifest, annotations: { a: "b" } }, "nginx");
  expect(await store.list(ctx)).toEqual([
    { descriptor: { ...manifest, annotations: { a: "b" } }, names: ["docker.io/library/nginx:latest"] },
  ]);
});

test("tag() refuses what the store does not have", async () => {
  const store = await open();
  const tagged = store.tag(ctx, { mediaType: MEDIA_TYPES.ociManifest, digest: HELLO, size: 5 }, "localhost/web:v1");
  await expect(tagged).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
});

test("tag() keeps every name when many are given at the same time", async () => {
  const store = await open();
  const { manifest } = await addImage(ctx, store, []);
  const names = Array.from({ length: 12 }, (_, index) => `localhost/web:v${index}`);
  await Promise.all(names.map((name) => store.tag(ctx, manifest, name)));
  expect((await store.list(ctx)).flatMap((image) => image.names).sort()).toEqual(names.sort());
});

test("keep() and untag() leave an image without a name", async () => {
  const store = await open();
  const { manifest } = await addImage(ctx, store, []);
  await store.keep(ctx, manifest);
  await store.keep(ctx, manifest);
  expect(await store.list(ctx)).toEqual([{ descriptor: manifest, names: [] }]);
  await store.tag(ctx, manifest, "localhost/web:v1");
  await store.untag(ctx, "localhost/web:v1");
  await store.untag(ctx, "localhost/web:v1");
  expect(await store.list(ctx)).toEqual([{ descriptor: manifest, names: [] }]);
});

test.for([
  ["web:v1", "localhost/web:v1"],
  ["web", "docker.io/library/web:latest"],
  ["localhost/web:v1", "localhost/web:v1"],
  ["docker.io/web", "docker.io/library/web:latest"],
  ["team/web:v1", "localhost/team/web:v1"],
  ["example.com:5000/web:v1", "example.com:5000/web:v1"],
])("find() takes %s for %s", async ([text = "", name]) => {
  const store = await open();
  const { manifest } = await addImage(ctx, store, []);
  const names = ["localhost/web:v1", "docker.io/library/web:v1", "docker.io/library/web:latest"];
  const others = ["localhost/team/web:v1", "docker.io/team/web:v1", "example.com:5000/web:v1"];
  for (const each of [...names, ...others]) await store.tag(ctx, manifest, each);
  expect(await store.find(ctx, text)).toEqual({ descriptor: manifest, name });
});

test("find() takes digests and the first digits of an image ID or digest", async () => {
  const store = await open();
  const { manifest, config } = await addImage(ctx, store, []);
  await store.tag(ctx, manifest, "localhost/web:v1");
  const ids = [config.digest, manifest.digest].flatMap((digest) => [digest, hexOf(digest), hexOf(digest).slice(0, 12)]);
  for (const text of [...ids, `localhost/web@${manifest.digest}`]) {
    expect(await store.find(ctx, text)).toEqual({ descriptor: manifest, name: undefined });
  }
});

test("find() prefers a name to an ID and refuses an ID that fits several images", async () => {
  const store = await open();
  const { layers, config } = await addImage(ctx, store, []);
  const document = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers };
  for (const note of ["a", "b"]) {
    await store.keep(
      ctx,
      await addDocument(ctx, store, MEDIA_TYPES.ociManifest, { ...document, annotations: { note } }),
    );
  }
  const id = hexOf(config.digest).slice(0, 12);
  await expect(store.find(ctx, id)).rejects.toMatchObject({
    message: `Cannot find image "${id}": the ID fits 2 images`,
  });
  const named = await addDocument(ctx, store, MEDIA_TYPES.ociManifest, { ...document, annotations: { note: "c" } });
  await store.tag(ctx, named, `localhost/${id}:latest`);
  expect(await store.find(ctx, id)).toMatchObject({ name: `localhost/${id}:latest` });
});

test("find() says what was searched when there is nothing", async () => {
  const store = await open();
  await expect(store.find(ctx, "web:v2")).rejects.toMatchObject({
    code: "IMAGE_NOT_FOUND",
    message: `Cannot find image "web:v2": searched for localhost/web:v2, docker.io/library/web:v2, image IDs in "${temporary("store")}"`,
  });
});

test("resolve() takes a short name as a registry does, not as a user", async () => {
  const store = await open();
  const { manifest } = await addImage(ctx, store, []);
  await store.tag(ctx, manifest, "localhost/web:v1");
  await expect(store.resolve(ctx, "web:v1")).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
});

test.for<[string, (path: string) => void]>([
  ["changed", (path) => writeFileSync(path, "jello")],
  ["cut short", (path) => truncateSync(path, 3)],
])("fetch() names image and blob when the blob was %s, and makes room for a good one", async ([, damage]) => {
  const store = await open();
  const hello = { mediaType: MEDIA_TYPES.ociLayer, digest: HELLO, size: 5 };
  await store.push(ctx, hello, bytesOf("hello"));
  const config = await addDocument(ctx, store, MEDIA_TYPES.ociConfig, {});
  const document = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers: [hello] };
  await store.tag(ctx, await addDocument(ctx, store, MEDIA_TYPES.ociManifest, document), "localhost/web:v1");
  damage(store.blobPath(HELLO));
  await expect(collect(await store.fetch(ctx, hello), 5)).rejects.toMatchObject({
    code: "INTEGRITY",
    message: `Cannot read image "localhost/web:v1": blob ${HELLO} was damaged on disk ("${store.blobPath(HELLO)}") and is removed`,
    hint: "Pull or build the image again",
  });
  await store.push(ctx, hello, bytesOf("hello"));
  expect((await collect(await store.fetch(ctx, hello), 5)).toString()).toBe("hello");
});

test("has() takes a blob of the wrong size for absent, and push() replaces it", async () => {
  const store = await open();
  const hello = { mediaType: "text/plain", digest: HELLO, size: 5 };
  await store.push(ctx, hello, bytesOf("hello"));
  appendFileSync(store.blobPath(HELLO), "more");
  expect(await store.has(ctx, hello)).toBe(false);
  await store.push(ctx, hello, bytesOf("hello"));
  expect(await store.has(ctx, hello)).toBe(true);
});

const HELLO = parseDigest("sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
