import { createReadStream, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { beforeEach, expect, test } from "vitest";

import { backgroundContext } from "../../src/base/context.ts";
import type { LayerEntry } from "../../src/archive/tar-entry.ts";
import { openImageFiles } from "../../src/store/image-files.ts";
import { ImageStore } from "../../src/store/image-store.ts";
import { loadArchive } from "../../src/store/load-archive.ts";
import { saveArchive } from "../../src/store/save-archive.ts";
import { bytesMember, tarOf, textMember } from "../archive/entries.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { addImage, type TestImage } from "./images.ts";

const temporary = useTemporaryFolder();
const ctx = backgroundContext();
let store: ImageStore;
let other: ImageStore;
let web: TestImage;

beforeEach(async () => {
  store = await ImageStore.open(ctx, temporary("store"));
  other = await ImageStore.open(ctx, temporary("other"));
  web = await addImage(ctx, store, [[textMember("etc/hello", "hello")]], "gzip");
});

const save = (name?: string): Promise<number> =>
  saveArchive(ctx, store, { images: [{ descriptor: web.manifest, name }], destination: temporary("web.tar") });

test("saveArchive() and loadArchive() bring an image with its name to another store", async () => {
  const size = await save("localhost/web:v1");
  expect(readFileSync(temporary("web.tar")).byteLength).toBe(size);
  expect(await loadArchive(ctx, other, temporary("web.tar"))).toEqual([
    { descriptor: web.manifest, name: "localhost/web:v1" },
  ]);
  const { descriptor } = await other.find(ctx, "web:v1");
  expect([...(await openImageFiles(ctx, other, descriptor)).tree.keys()]).toEqual(["etc", "etc/hello"]);
});

test("saveArchive() puts several images into one file and shared content once", async () => {
  const api = await addImage(ctx, store, [[textMember("etc/hello", "hello")], [textMember("api", "x")]], "gzip");
  const images = [
    { descriptor: web.manifest, name: "localhost/web:v1" },
    { descriptor: web.manifest, name: "localhost/web:latest" },
    { descriptor: api.manifest, name: "localhost/api:v1" },
  ];
  await saveArchive(ctx, store, { images, destination: temporary("all.tar") });
  const loaded = await loadArchive(ctx, other, temporary("all.tar"));
  expect(loaded.map(({ name }) => name)).toEqual(["localhost/web:v1", "localhost/web:latest", "localhost/api:v1"]);
  expect(readdirSync(temporary("other/blobs/sha256")).length).toBe(6);
});

test("saveArchive() writes the same bytes again", async () => {
  await save("localhost/web:v1");
  const first = readFileSync(temporary("web.tar"));
  await save("localhost/web:v1");
  expect(readFileSync(temporary("web.tar")).equals(first)).toBe(true);
});

test("saveArchive() leaves the old file alone when a blob is damaged, and names image and blob", async () => {
  writeFileSync(temporary("web.tar"), "old");
  await store.tag(ctx, web.manifest, "localhost/web:v1");
  writeFileSync(store.blobPath(web.config.digest), "x".repeat(web.config.size));
  await expect(save("localhost/web:v1")).rejects.toMatchObject({
    code: "INTEGRITY",
    message: expect.stringContaining(`Cannot read image "localhost/web:v1": blob ${web.config.digest}`),
  });
  expect(readFileSync(temporary("web.tar"), "utf8")).toBe("old");
  expect(readdirSync(temporary()).sort()).toEqual(["other", "store", "web.tar"]);
});

test("loadArchive() keeps an image without a name under its ID", async () => {
  await save();
  expect(await loadArchive(ctx, other, temporary("web.tar"))).toEqual([{ descriptor: web.manifest, name: undefined }]);
  expect(await other.list(ctx)).toEqual([{ descriptor: web.manifest, names: [] }]);
});

test.for<[string, (content: Buffer) => Buffer]>([
  ["gzip", (content) => gzipSync(content)],
  ["zstd", (content) => zstdCompressSync(content)],
])("loadArchive() unpacks an archive that is packed with %s", async ([, pack]) => {
  await save("localhost/web:v1");
  writeFileSync(temporary("packed"), pack(readFileSync(temporary("web.tar"))));
  const [loaded] = await loadArchive(ctx, other, temporary("packed"));
  expect(loaded?.name).toBe("localhost/web:v1");
  expect(readdirSync(temporary("other/tmp"))).toEqual([]);
});

test("loadArchive() reads a stream", async () => {
  await save("localhost/web:v1");
  const [loaded] = await loadArchive(ctx, other, createReadStream(temporary("web.tar")));
  expect(loaded?.name).toBe("localhost/web:v1");
});

test.for([
  ["io.containerd.image.name", "localhost/web:v1", "localhost/web:v1"],
  ["org.opencontainers.image.ref.name", "nginx/nginx:1", "docker.io/nginx/nginx:1"],
  ["org.opencontainers.image.ref.name", "v1", undefined],
  ["org.opencontainers.image.ref.name", "NOT/a name", undefined],
])("loadArchive() takes %s=%s for the name %s", async ([annotation = "", value, name]) => {
  await save();
  const index = { schemaVersion: 2, manifests: [{ ...web.manifest, annotations: { [annotation]: value } }] };
  const entries = [
    textMember("oci-layout", '{"imageLayoutVersion":"1.0.0"}'),
    textMember("index.json", JSON.stringify(index)),
  ];
  writeFileSync(temporary("other.tar"), tarOf([...entries, ...blobsOf(web)]));
  expect((await loadArchive(ctx, other, temporary("other.tar")))[0]?.name).toBe(name);
});

test.for<[string, () => Buffer | undefined, object]>([
  [
    "a file that is not there",
    () => undefined,
    { code: "INVALID_INPUT", message: expect.stringContaining("there is no such file") },
  ],
  [
    "a text",
    () => Buffer.from("hello"),
    { code: "INVALID_INPUT", message: expect.stringMatching(/^Cannot load ".*bad\.tar": Cannot read archive/) },
  ],
  ["an empty file", () => Buffer.alloc(0), { code: "INVALID_INPUT" }],
  [
    "a tar of something else",
    () => tarOf([textMember("a", "x")]),
    { message: expect.stringContaining("it is not an image archive") },
  ],
  [
    "a docker-archive without images",
    () => tarOf([textMember("manifest.json", "[]")]),
    { message: expect.stringContaining("Cannot read manifest.json: it is not a list of images") },
  ],
  [
    "an archive that ends early",
    () => readFileSync(temporary("web.tar")).subarray(0, -2000),
    { code: "INVALID_INPUT" },
  ],
  ["an archive without one of its blobs", () => archiveOf(blobsOf(web).slice(1)), { code: "IMAGE_NOT_FOUND" }],
  ["an archive with a damaged blob", () => archiveOf(blobsOf(web).map(damaged)), { code: "INTEGRITY" }],
])("loadArchive() refuses %s and names nothing", async ([, content, error]) => {
  await save("localhost/web:v1");
  const bytes = content();
  if (bytes) writeFileSync(temporary("bad.tar"), bytes);
  await expect(loadArchive(ctx, other, temporary("bad.tar"))).rejects.toMatchObject(error);
  expect(await other.list(ctx)).toEqual([]);
  expect(existsSync(temporary("other/tmp")) && readdirSync(temporary("other/tmp"))).toEqual([]);
});

function blobsOf(image: TestImage): LayerEntry[] {
  return [...image.layers, image.config, image.manifest].map(({ digest }) =>
    bytesMember(`blobs/sha256/${digest.slice(7)}`, readFileSync(store.blobPath(digest))),
  );
}

function archiveOf(blobs: readonly LayerEntry[]): Buffer {
  const index = { schemaVersion: 2, manifests: [web.manifest] };
  return tarOf([textMember("oci-layout", "{}"), textMember("index.json", JSON.stringify(index)), ...blobs]);
}

function damaged(entry: LayerEntry): LayerEntry {
  return { ...entry, content: Buffer.alloc(entry.entry.size) };
}
