import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
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

function revisionsOf(links: Readonly<Record<string, string>>): string[] {
  return Object.keys(links)
    .filter((path) => path.includes("/revisions/"))
    .map((path) => links[path] ?? "")
    .toSorted();
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
  await scene.build(
    WITH_REGISTRY,
    {},
    {
      pull: async (_, { name }) => {
        asked.push(name);
        return app.manifest;
      },
    },
  );
  expect(asked).toEqual(["docker.io/library/nginx:1.27"]);
  await expect(scene.build(WITH_REGISTRY, {}, { pull: findNothing })).rejects.toThrow("Cannot find nginx");
});

test.each([
  { all: false, isComplete: true, keeps: "manifest" },
  { all: false, isComplete: false, keeps: "manifest" },
  { all: true, isComplete: true, keeps: "index" },
] as const)("cacheImages() keeps the $keeps under the tag when all is $all", async ({ all, isComplete, keeps }) => {
  await using scene = new BuildScene();
  const app = await buildApp(scene, "payload", "localhost/app:1");
  const index = await pushIndex(scene, app, isComplete);
  await (await scene.store()).tag(scene.ctx, index, "r.example/multi:1");
  scene.write(LIST, "r.example/multi:1\n");
  const links = await linksOf(scene, await scene.build(WITH_REGISTRY, {}, { all }));
  const root = keeps === "index" ? index : app.manifest;
  expect(links["repositories/multi/_manifests/tags/1/current/link"]).toBe(root.digest);
  expect(revisionsOf(links)).toHaveLength(keeps === "index" ? 2 : 1);
});

test("cacheImages() asks for all of an index that is not whole", async () => {
  await using scene = new BuildScene();
  const app = await buildApp(scene, "payload", "localhost/app:1");
  const [partial, whole] = [await pushIndex(scene, app, false), await pushIndex(scene, app, true)];
  await (await scene.store()).tag(scene.ctx, partial, "r.example/multi:1");
  scene.write(LIST, "r.example/multi:1\n");
  const image = await scene.build(WITH_REGISTRY, {}, { all: true, pull: async () => whole });
  expect((await linksOf(scene, image))["repositories/multi/_manifests/tags/1/current/link"]).toBe(whole.digest);
});

test.each(["r.example/multi:1@", "r.example/multi@"])(
  "cacheImages() keeps the digest of an index in %s when it has one image of it",
  async (prefix) => {
    await using scene = new BuildScene();
    const app = await buildApp(scene, "payload", "localhost/app:1");
    const index = await pushIndex(scene, app, false);
    scene.write(LIST, `${prefix}${index.digest}\n`);
    const image = await scene.build(WITH_REGISTRY, {}, { pull: async () => app.manifest });
    const links = await linksOf(scene, image);
    expect(revisionsOf(links)).toEqual([index.digest, app.manifest.digest].toSorted());
    const tag = prefix.includes(":") ? "1" : `digest-${hexOf(app.manifest.digest).slice(0, 12)}`;
    expect(links[`repositories/multi/_manifests/tags/${tag}/current/link`]).toBe(app.manifest.digest);
    expect(image.notes).toEqual([]);
  },
);

test("cacheImages() gives a tag to the image that has no digest in its name", async () => {
  await using scene = new BuildScene();
  const old = await buildApp(scene, "old", "localhost/old:1");
  const now = await buildApp(scene, "now", "r.example/app:1");
  scene.write(LIST, `r.example/app:1@${old.manifest.digest}\nr.example/app:1\n`);
  const links = await linksOf(scene, await scene.build(WITH_REGISTRY, {}, { pull: async () => old.manifest }));
  expect(links["repositories/app/_manifests/tags/1/current/link"]).toBe(now.manifest.digest);
  expect(revisionsOf(links)).toEqual([old.manifest.digest, now.manifest.digest].toSorted());
});

test("cacheImages() asks for an image again that the store has for another platform", async () => {
  await using scene = new BuildScene();
  const other = await scene.build("FROM scratch\nCOPY <<f /f\na\nf\n", {
    names: ["r.example/app:1"],
    platform: { os: "linux", architecture: "arm64" },
  });
  const app = await buildApp(scene, "a", "localhost/app:1");
  scene.write(LIST, "r.example/app:1\n");
  const links = await linksOf(scene, await scene.build(WITH_REGISTRY, {}, { pull: async () => app.manifest }));
  expect(links["repositories/app/_manifests/tags/1/current/link"]).toBe(app.manifest.digest);
  expect(app.manifest.digest).not.toBe(other.manifest.digest);
});

test("cacheImages() says of every image that cannot be had where it is named", async () => {
  await using scene = new BuildScene();
  scene.write(LIST, "a.example/a:1\n");
  scene.write("manifests/pod.yaml", "kind: Pod\nspec:\n  containers:\n  - image: b.example/b:2\n");
  await expect(scene.build(WITH_REGISTRY, {}, { pull: findNothing })).rejects.toMatchObject({
    code: "IMAGE_CACHE_FAILED",
    message:
      "Cannot cache 2 of 2 container images:\n" +
      '"a.example/a:1" (images/shim/list:1): Cannot find nginx\n' +
      '"b.example/b:2" (manifests/pod.yaml:4): Cannot find nginx',
    hint: "Correct the names where they stand, or put them into .sealignore",
  });
});

test.each(["docker-archive", "oci-archive"] as const)("cacheImages() reads images of a %s", async (format) => {
  await using scene = new BuildScene();
  const app = await buildApp(scene, "payload", "localhost/app:1");
  const source = `oci:${scene.storeDirectory}:localhost/app:1`;
  mkdirSync(join(scene.contextDirectory, "images/skopeo"), { recursive: true });
  const archive = join(scene.contextDirectory, "images/skopeo/app.tar");
  const flags = format === "oci-archive" ? ["--preserve-digests"] : [];
  execFileSync("skopeo", ["copy", "--quiet", ...flags, source, `${format}:${archive}:r.example/other:1`]);
  scene.write("images/skopeo/tar.txt", `${format}:app.tar@r.example/app:1\n`);
  const links = await linksOf(scene, await scene.build(WITH_REGISTRY, {}, { pull: findNothing }));
  const root = links["repositories/app/_manifests/tags/1/current/link"];
  if (format === "oci-archive") expect(root).toBe(app.manifest.digest);
  expect(revisionsOf(links)).toEqual([root]);
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
    "The container images of the context are cached in registry/, but the image does not have it: add COPY registry registry",
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
