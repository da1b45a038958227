import { readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";

import { bytesOf } from "../../src/base/bytes.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { MEDIA_TYPES } from "../../src/oci/media-type.ts";
import { openImageFiles, readTreeFile, type ImageFiles } from "../../src/store/image-files.ts";
import { ImageStore } from "../../src/store/image-store.ts";
import { member, textMember } from "../archive/entries.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { addDocument, addImage } from "./images.ts";

const temporary = useTemporaryFolder();
const ctx = backgroundContext();
const open = (): Promise<ImageStore> => ImageStore.open(ctx, temporary("store"));
const LAYERS = [
  [
    { entry: member("etc", { type: "directory", mode: 0o755 }) },
    textMember("etc/hello", "hello"),
    textMember("etc/gone", "x"),
  ],
  [textMember("etc/.wh.gone", ""), textMember("bin/run", "#!/bin/sh\n", { mode: 0o755 })],
] as const;

test.for(["none", "gzip", "zstd"] as const)("openImageFiles() opens layers of compression %s", async (compression) => {
  const store = await open();
  const { manifest } = await addImage(ctx, store, LAYERS, compression);
  const files = await openImageFiles(ctx, store, manifest);
  expect([...files.tree.keys()]).toEqual(["bin", "bin/run", "etc", "etc/hello"]);
  expect(await textOf(files, "etc/hello")).toBe("hello");
  expect(files.config.architecture).toBe("amd64");
});

test("openImageFiles() reads the layers of an image once", async () => {
  const store = await open();
  const { manifest } = await addImage(ctx, store, LAYERS, "gzip");
  const first = await openImageFiles(ctx, store, manifest);
  const made = cacheFiles();
  const second = await openImageFiles(ctx, store, manifest);
  expect(second.tree).toEqual(first.tree);
  expect(cacheFiles()).toEqual(made);
  expect(made.length).toBe(4);
});

test("openImageFiles() makes a cached index again that is not its own", async () => {
  const store = await open();
  const { manifest } = await addImage(ctx, store, LAYERS);
  const first = await openImageFiles(ctx, store, manifest);
  for (const [name] of cacheFiles()) writeFileSync(temporary("store/cache/layers", name), '{"format":0}');
  expect((await openImageFiles(ctx, store, manifest)).tree).toEqual(first.tree);
});

test.for(["none", "gzip"] as const)(
  "openImageFiles() names image and blob of a damaged layer (%s)",
  async (compression) => {
    const store = await open();
    const { manifest, layers } = await addImage(ctx, store, LAYERS, compression);
    await store.tag(ctx, manifest, "localhost/web:v1");
    const digest = layers[1]?.digest ?? digestOf("");
    truncateSync(store.blobPath(digest), 80);
    await expect(openImageFiles(ctx, store, manifest)).rejects.toMatchObject({
      code: "INTEGRITY",
      message: expect.stringContaining(`Cannot read image "localhost/web:v1": blob ${digest} was damaged`),
    });
    await expect(openImageFiles(ctx, store, manifest)).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
  },
);

test("openImageFiles() refuses a layer that unpacks to something else than the configuration says", async () => {
  const store = await open();
  const { layers } = await addImage(ctx, store, LAYERS);
  const rootfs = { type: "layers", diff_ids: layers.map(() => digestOf("other")) };
  const config = await addDocument(ctx, store, MEDIA_TYPES.ociConfig, { architecture: "amd64", os: "linux", rootfs });
  const document = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers };
  const manifest = await addDocument(ctx, store, MEDIA_TYPES.ociManifest, document);
  await expect(openImageFiles(ctx, store, manifest)).rejects.toThrow(`not ${digestOf("other")}`);
});

test("openImageFiles() refuses a layer with an unsafe name", async () => {
  const store = await open();
  const { manifest } = await addImage(ctx, store, [[textMember("../escape", "x")]]);
  await expect(openImageFiles(ctx, store, manifest)).rejects.toMatchObject({ code: "UNSAFE_ARCHIVE" });
});

test("openImageFiles() refuses what is no layer", async () => {
  const store = await open();
  const layer = { mediaType: "text/plain", digest: digestOf("text"), size: 4 };
  await store.push(ctx, layer, bytesOf("text"));
  const rootfs = { type: "layers", diff_ids: [layer.digest] };
  const config = await addDocument(ctx, store, MEDIA_TYPES.ociConfig, { architecture: "amd64", os: "linux", rootfs });
  const document = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers: [layer] };
  const manifest = await addDocument(ctx, store, MEDIA_TYPES.ociManifest, document);
  await expect(openImageFiles(ctx, store, manifest)).rejects.toThrow('its media type is "text/plain"');
});

test("readTreeFile() refuses a file that is larger than wanted", async () => {
  const store = await open();
  const { manifest } = await addImage(ctx, store, LAYERS);
  const file = (await openImageFiles(ctx, store, manifest)).tree.get("etc/hello");
  if (file?.type !== "file") throw new Error("not a file");
  await expect(readTreeFile(ctx, file, 4)).rejects.toThrow("it has 5 bytes, at most 4 are wanted");
});

function cacheFiles(): (readonly [string, number])[] {
  const names = readdirSync(temporary("store/cache/layers"));
  return names.map((name) => [name, statSync(temporary("store/cache/layers", name)).ino]);
}

async function textOf({ tree }: ImageFiles, path: string): Promise<string> {
  const file = tree.get(path);
  if (file?.type !== "file") throw new Error(`"${path}" is not a file`);
  return (await readTreeFile(ctx, file, 100)).toString();
}
