import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { bytesOf } from "../../../src/base/bytes.ts";
import { NotFoundError } from "../../../src/base/error.ts";
import type { BuiltImage } from "../../../src/build/execute.ts";
import type { Descriptor } from "../../../src/oci/descriptor.ts";
import { digestOf, hexOf } from "../../../src/oci/digest.ts";
import { MEDIA_TYPES } from "../../../src/oci/media-type.ts";
import { readTreeFile } from "../../../src/store/image-files.ts";
import { BuildScene } from "./build-scene.ts";

const WITH_REGISTRY = "FROM scratch\nCOPY registry registry\n";
const LIST = "images/shim/list";

async function buildApp(scene: BuildScene, content: string, name: string): Promise<BuiltImage> {
  return scene.build(`FROM scratch\nCOPY <<f /f\n${content}\nf\n`, { names: [name] });
}

async function findNothing(): Promise<never> {
  throw new NotFoundError("IMAGE_NOT_FOUND", "Cannot find nginx");
}

/** Puts an index of the given manifests and, with `isComplete` false, one that is not there into the store. */
async function pushIndex(scene: BuildScene, image: BuiltImage, isComplete: boolean): Promise<Descriptor> {
  const missing = { ...image.manifest, digest: digestOf("missing"), platform: { os: "linux", architecture: "s390x" } };
  const present = { ...image.manifest, platform: { os: "linux", architecture: "amd64" } };
  const manifests = isComplete ? [present] : [missing, present];
  const content = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests });
  const descriptor = { mediaType: MEDIA_TYPES.ociIndex, digest: digestOf(content), size: content.length };
  await (await scene.store()).push(scene.ctx, descriptor, bytesOf(content));
  return descriptor;
}

/** The registry's text files, by path below `registry/docker/registry/v2/`. */
async function linksOf(scene: BuildScene, image: BuiltImage): Promise<Record<string, string>> {
  const links: Record<string, string> = {};
  for (const [path, entry] of (await scene.files(image)).tree) {
    if (entry.type !== "file" || !path.endsWith("/link")) continue;
    const text = (await readTreeFile(scene.ctx, entry, 1000)).toString();
    links[path.slice("registry/docker/registry/v2/".length)] = text;
  }
  return links;
}

test("cacheImages() puts listed images into a registry folder, in the registry's own layout", async () => {
  await using scene = new BuildScene();
  const app = await buildApp(scene, "payload", "registry.example/group/app:v1");
  scene.write(LIST, "registry.example/group/app:v1\n");
  const image = await scene.build(WITH_REGISTRY);
  const { tree } = await scene.files(image);
  const [manifest, config, layer] = [app.manifest, app.config, app.layers[0] ?? app.config].map(({ digest }) =>
    hexOf(digest),
  );
  expect(await linksOf(scene, image)).toEqual({
    [`repositories/group/app/_layers/sha256/${config}/link`]: `sha256:${config}`,
    [`repositories/group/app/_layers/sha256/${layer}/link`]: `sha256:${layer}`,
    [`repositories/group/app/_manifests/revisions/sha256/${manifest}/link`]: `sha256:${manifest}`,
    "repositories/group/app/_manifests/tags/v1/current/link": `sha256:${manifest}`,
    [`repositories/group/app/_manifests/tags/v1/index/sha256/${manifest}/link`]: `sha256:${manifest}`,
  });
  for (const hex of [manifest, config, layer]) {
    const blob = tree.get(`registry/docker/registry/v2/blobs/sha256/${hex?.slice(0, 2)}/${hex}/data`);
    expect(blob).toMatchObject({ type: "file", sha256: hex });
  }
  expect(existsSync(join(scene.contextDirectory, "registry"))).toBe(false);
});

test("cacheImages() pulls what the store does not have", async () => {
  await using scene = new BuildScene();
  const app = await buildApp(scene, "payload", "localhost/elsewhere:1");
  scene.write(LIST, "nginx:1.27\n");
  const asked: string[] = [];
  await scene.build(WITH_REGISTRY, {}, async (_, name) => {
    asked.push(name);
    return app.manifest;
  });
  expect(asked).toEqual(["docker.io/library/nginx:1.27"]);
  await expect(scene.build(WITH_REGISTRY, {}, findNothing)).rejects.toThrow("Cannot find nginx");
});

test.each([
  [true, "the index under its tag when all of it is in the store"],
  [false, "the platform's image under the tag when the index is not whole"],
])("cacheImages() keeps, with a whole index %s, %s", async (isComplete) => {
  await using scene = new BuildScene();
  const app = await buildApp(scene, "payload", "localhost/app:1");
  const index = await pushIndex(scene, app, isComplete);
  await (await scene.store()).tag(scene.ctx, index, "localhost/multi:1");
  scene.write(LIST, "localhost/multi:1\n");
  const links = await linksOf(scene, await scene.build(WITH_REGISTRY));
  const root = isComplete ? index : app.manifest;
  expect(links["repositories/multi/_manifests/tags/1/current/link"]).toBe(root.digest);
  const revisions = Object.keys(links).filter((path) => path.includes("/revisions/"));
  expect(revisions).toHaveLength(isComplete ? 2 : 1);
});

test("cacheImages() refuses two images that would have one name, with both lists and lines", async () => {
  await using scene = new BuildScene();
  await buildApp(scene, "one", "quay.io/library/x:1");
  await buildApp(scene, "two", "docker.io/library/x:1");
  scene.write("images/shim/a", "# first\nquay.io/library/x:1\n");
  scene.write("images/shim/b", "x:1\n");
  await expect(scene.build(WITH_REGISTRY)).rejects.toThrow(
    '"quay.io/library/x:1" (images/shim/a:2) and "docker.io/library/x:1" (images/shim/b:1) would both be "library/x:1"',
  );
});

test("cacheImages() takes two names of one image", async () => {
  await using scene = new BuildScene();
  const app = await buildApp(scene, "one", "quay.io/library/x:1");
  await (await scene.store()).tag(scene.ctx, app.manifest, "docker.io/library/x:1");
  scene.write(LIST, "quay.io/library/x:1\nx:1\n");
  expect(Object.keys(await linksOf(scene, await scene.build(WITH_REGISTRY)))).toHaveLength(5);
});

test("executeBuild() notes cached images that no COPY takes", async () => {
  await using scene = new BuildScene({ a: "a" });
  await buildApp(scene, "one", "localhost/x:1");
  scene.write(LIST, "localhost/x:1\n");
  const { notes } = await scene.build("FROM scratch\nCOPY a /a\n");
  expect(notes).toEqual([
    "The images of images/shim are cached in registry/, but the image does not have it: add COPY registry registry",
  ]);
  expect((await scene.build("FROM scratch\nCOPY . .\n")).notes).toEqual([]);
});

test("executeBuild() finds a damaged blob of a cached image", async () => {
  await using scene = new BuildScene();
  const app = await buildApp(scene, "payload", "localhost/x:1");
  scene.write(LIST, "localhost/x:1\n");
  const store = await scene.store();
  const path = store.blobPath(app.layers[0]?.digest ?? app.config.digest);
  writeFileSync(path, readFileSync(path).fill(7, 600, 610));
  await expect(scene.build(WITH_REGISTRY)).rejects.toThrow(/expected SHA-256/);
});
