import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

import { writeLayer } from "../../src/archive/layer-writer.ts";
import { mergeImages } from "../../src/actions/merge-images.ts";
import { pushDocument } from "../../src/actions/store-documents.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { parseDigest } from "../../src/oci/digest.ts";
import { MEDIA_TYPES } from "../../src/oci/media-type.ts";
import { openImageFiles } from "../../src/store/image-files.ts";
import type { ImageStore } from "../../src/store/image-store.ts";
import { unpackTree } from "../../src/store/unpack-tree.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { openTestEnvironment } from "./image-environment.ts";

const ctx = backgroundContext();
const at = useTemporaryFolder();

/** Stores an image with these layers of files, each file's content its path. */
async function storeImage(store: ImageStore, name: string, layers: readonly (readonly string[])[], arch = "amd64") {
  const descriptors = [];
  for (const paths of layers) {
    const destination = store.createTemporary();
    const entries = paths.map((path) => {
      const content = Buffer.from(path);
      const size = content.byteLength;
      return { entry: { path, type: "file" as const, mode: 0o644, uid: 0, gid: 0, mtime: 0, size }, content };
    });
    const { sha256, size } = await writeLayer(ctx, entries, { destination, compression: "none" });
    const descriptor = { mediaType: MEDIA_TYPES.ociLayer, digest: parseDigest(`sha256:${sha256}`), size };
    await store.adopt(ctx, destination, descriptor);
    descriptors.push(descriptor);
  }
  const diffIds = descriptors.map(({ digest }) => digest);
  const configuration = { os: "linux", architecture: arch, rootfs: { type: "layers", diff_ids: diffIds } };
  const config = await pushDocument(ctx, store, { mediaType: MEDIA_TYPES.ociConfig, document: configuration });
  const mediaType = MEDIA_TYPES.ociManifest;
  const document = { schemaVersion: 2, mediaType, config, layers: descriptors };
  await store.tag(ctx, await pushDocument(ctx, store, { mediaType, document }), name);
  return diffIds;
}

test("mergeImages() keeps files of an image that a later image's own layers take away from itself only", async () => {
  await using environment = await openTestEnvironment();
  const { store } = environment;
  const [base] = await storeImage(store, "localhost/one:v1", [["a", "dir/x"]]);
  await storeImage(store, "localhost/two:v1", [
    ["a", "b"],
    [".wh.a", "dir/.wh..wh..opq", "dir/y"],
  ]);

  await mergeImages(ctx, environment, { images: ["one:v1", "two:v1"], tags: ["both:v1"] });
  const files = await openImageFiles(ctx, store, await store.resolve(ctx, "localhost/both:v1"));
  expect([...files.tree.keys()]).toEqual(["a", "b", "dir", "dir/x", "dir/y"]);
  expect(files.manifest.layers).toHaveLength(2);
  expect(files.manifest.layers[0]?.digest).toBe(base);
  await unpackTree(ctx, files.tree, at("out"));
  expect(await readFile(at("out/dir/y"), "utf8")).toBe("dir/y");
});

test("mergeImages() refuses one image, and images of different machines", async () => {
  await using environment = await openTestEnvironment();
  await storeImage(environment.store, "localhost/one:v1", [["a"]]);
  await storeImage(environment.store, "localhost/arm:v1", [["b"]], "arm64");
  const tags = ["x"];
  await expect(mergeImages(ctx, environment, { images: ["one:v1"], tags })).rejects.toThrow("expected two or more");
  await expect(mergeImages(ctx, environment, { images: ["one:v1", "arm:v1"], tags })).rejects.toThrow(
    'Cannot merge "one:v1" for amd64 with "arm:v1" for arm64',
  );
});
