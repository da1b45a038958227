import { expect, test } from "vitest";

import { buildImage } from "../../src/actions/build-image.ts";
import { scanImages, type ScanReport, type ScanRequest } from "../../src/actions/scan-images.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { readTreeFile, openImageFiles } from "../../src/store/image-files.ts";
import { hexOf } from "../../src/oci/digest.ts";
import { pushBlob, pushImage, testImage, testIndex } from "../support/test-image.ts";
import { buildRequest, openTestEnvironment, writeContext, type TestImageEnvironment } from "./image-environment.ts";

const ctx = backgroundContext();
const AMD64 = { os: "linux", architecture: "amd64" } as const;
const web = testImage("web");
const arm = testImage("arm");

async function contextOf(
  environment: TestImageEnvironment,
  files: Readonly<Record<string, string>>,
): Promise<{ subject: string; path: string; kubefile: ScanRequest["kubefile"] }> {
  const path = await writeContext(environment, files);
  return { subject: "context", path, kubefile: { file: undefined, workingDirectory: path } };
}

async function publish(environment: TestImageEnvironment, name: string): Promise<void> {
  const repository = environment.repository(name);
  await pushImage(ctx, repository, web);
  await repository.tag(ctx, web.manifest.descriptor, "1");
}

/** Puts an index of two platforms into a registry. */
async function publishIndex(environment: TestImageEnvironment, name: string) {
  const repository = environment.repository(name);
  for (const image of [web, arm]) await pushImage(ctx, repository, image);
  const index = testIndex(
    { ...arm.manifest, descriptor: { ...arm.manifest.descriptor, platform: { ...AMD64, architecture: "arm64" } } },
    { ...web.manifest, descriptor: { ...web.manifest.descriptor, platform: AMD64 } },
  );
  await pushBlob(ctx, repository, index);
  await repository.tag(ctx, index.descriptor, "1");
  return index.descriptor;
}

async function build(environment: TestImageEnvironment, contextDirectory: string, options = {}) {
  const request = buildRequest(contextDirectory, "FROM scratch\nCOPY registry registry\n");
  return buildImage(ctx, environment, { ...request, ...options });
}

function problemsOf({ images }: ScanReport): readonly (readonly [string, string | undefined])[] {
  return images.map(({ name, problem }) => [name, problem]);
}

const DEFAULTS = { platform: AMD64, verifies: false };

test("scanImages() gives templates the environment of the Kubefile", async () => {
  await using environment = await openTestEnvironment();
  const context = await contextOf(environment, {
    Kubefile: "FROM scratch AS base\nARG V=1\nENV TAG=$V\nFROM base\nENV NAME=web-$TAG\n",
    Other: "FROM scratch\nENV TAG=7 NAME=other\n",
    "manifests/a.yaml.tmpl": "image: {{ .NAME }}:{{ .TAG }}\n",
  });
  const { images } = await scanImages(ctx, environment, { ...context, ...DEFAULTS });
  expect(images).toEqual([{ name: "docker.io/library/web-1:1", places: [{ file: "manifests/a.yaml.tmpl", line: 1 }] }]);
  const kubefile = { file: "Other", workingDirectory: context.path };
  const other = await scanImages(ctx, environment, { ...context, ...DEFAULTS, kubefile });
  expect(other.images[0]?.name).toBe("docker.io/library/other:7");
});

test("scanImages() does without a Kubefile, notes a wrong one, and refuses one that is named and missing", async () => {
  await using environment = await openTestEnvironment();
  const context = await contextOf(environment, { "images/shim/list": "a:1\n" });
  expect(await scanImages(ctx, environment, { ...context, ...DEFAULTS })).toMatchObject({ notes: [] });
  const kubefile = { file: "Kubefile", workingDirectory: context.path };
  await expect(scanImages(ctx, environment, { ...context, ...DEFAULTS, kubefile })).rejects.toThrow(
    "Cannot find a Kubefile",
  );
  await contextOf(environment, { Kubefile: "FROM\n" });
  expect((await scanImages(ctx, environment, { ...context, ...DEFAULTS })).notes).toEqual([
    expect.stringContaining("The image's environment and commands are not known: "),
  ]);
});

test("scanImages() says which images are in no registry, and which not for the platform", async () => {
  await using environment = await openTestEnvironment();
  await publish(environment, "r.example/web");
  await publishIndex(environment, "r.example/multi");
  const context = await contextOf(environment, {
    "images/shim/list": "r.example/web:1\nr.example/web:2\nr.example/multi:1\n",
  });
  const verify = { ...context, verifies: true };
  expect(problemsOf(await scanImages(ctx, environment, { ...verify, platform: AMD64 }))).toEqual([
    ["r.example/web:1", undefined],
    ["r.example/web:2", expect.stringContaining('Cannot find "2"')],
    ["r.example/multi:1", undefined],
  ]);
  const platform = { os: "linux", architecture: "s390x" };
  expect(problemsOf(await scanImages(ctx, environment, { ...verify, platform }))[2]).toEqual([
    "r.example/multi:1",
    'Cannot use image "r.example/multi:1" for linux/s390x: it is there for linux/arm64, linux/amd64',
  ]);
});

test("scanImages() takes a path for a folder when it is none", async () => {
  await using environment = await openTestEnvironment();
  const context = await contextOf(environment, {});
  for (const subject of ["/none", "./none", "../none"]) {
    await expect(scanImages(ctx, environment, { ...context, ...DEFAULTS, subject, path: "/none" })).rejects.toThrow(
      `Cannot scan "${subject}": there is no such folder`,
    );
  }
});

test("scanImages() lists what the bill of an image lists, and checks that its registry folder has it", async () => {
  await using environment = await openTestEnvironment();
  await publish(environment, "r.example/web");
  const context = await contextOf(environment, {
    "manifests/a.yaml": "image: r.example/web:1\n",
    "more/manifests/b.yaml": "image: r.example/lost:1\n",
  });
  await build(environment, context.path);
  const { images } = await scanImages(ctx, environment, { ...context, ...DEFAULTS, subject: "web:v1", path: "/none" });
  const { digest } = web.manifest.descriptor;
  expect(images).toEqual([{ name: "r.example/web:1", places: [{ file: "manifests/a.yaml:1" }], digest }]);

  const text = "FROM web:v1\nCOPY more/manifests manifests\n";
  const kubefile = { name: "Kubefile", text, path: undefined };
  await build(environment, context.path, { kubefile, savesImages: false, tags: ["web:v2"] });
  const image = { ...context, platform: AMD64, verifies: true, subject: "web:v2", path: "/none" };
  expect(problemsOf(await scanImages(ctx, environment, image))).toEqual([
    ["r.example/lost:1", "registry/ does not have it"],
    ["r.example/web:1", undefined],
  ]);
});

test("buildImage() lists its container images in a file and an annotation", async () => {
  await using environment = await openTestEnvironment();
  await publish(environment, "r.example/web");
  const context = await contextOf(environment, { "images/shim/list": "r.example/web:1\n" });
  await build(environment, context.path);
  const { store } = environment;
  const files = await openImageFiles(ctx, store, await store.resolve(ctx, "localhost/web:v1"));
  const { digest } = web.manifest.descriptor;
  expect(files.manifest.annotations).toEqual({ "sealos.io.images": `r.example/web:1@${digest}` });
  const bills = [...files.tree.values()].filter(({ path }) => path.startsWith("images/"));
  expect(bills.map(({ type, mode, path }) => [type, mode.toString(8), path])).toEqual([
    ["directory", "755", "images/bill"],
    ["file", "644", expect.stringMatching(/^images\/bill\/[0-9a-f]{12}\.json$/)],
  ]);
  const [, bill] = bills;
  if (bill?.type !== "file") throw new Error("unreachable");
  expect(JSON.parse((await readTreeFile(ctx, bill, 10_000)).toString())).toMatchObject({
    images: [{ name: "r.example/web:1", digest, platform: "linux/amd64", sources: ["images/shim/list:1"] }],
  });
});

test.each([
  [{ format: "docker" }, undefined, 1],
  [{ squash: true }, { "sealos.io.images": expect.any(String) }, 1],
  [{ annotations: { "sealos.io.images": "own" } }, { "sealos.io.images": "own" }, 1],
  [{ savesImages: false, buildContexts: {} }, undefined, 0],
])("buildImage() with %j gives the manifest the annotations %j", async (options, annotations, bills) => {
  await using environment = await openTestEnvironment();
  await publish(environment, "r.example/web");
  const context = await contextOf(environment, { "images/shim/list": "r.example/web:1\n", "registry/a": "" });
  await build(environment, context.path, options);
  const { store } = environment;
  const files = await openImageFiles(ctx, store, await store.resolve(ctx, "localhost/web:v1"));
  expect(files.manifest.annotations).toEqual(annotations);
  expect([...files.tree.keys()].filter((path) => path.startsWith("images/bill/"))).toHaveLength(bills);
});

test("buildImage() caches one platform's image and the index that its name pins, or all of it", async () => {
  await using environment = await openTestEnvironment();
  const index = await publishIndex(environment, "r.example/multi");
  const context = await contextOf(environment, {
    "images/shim/list": `r.example/multi:1\nr.example/multi@${index.digest}\n`,
  });
  const revisions = async (): Promise<readonly string[]> => {
    const { store } = environment;
    const { tree } = await openImageFiles(ctx, store, await store.resolve(ctx, "localhost/web:v1"));
    return [...tree.keys()].flatMap((path) => /revisions\/sha256\/([0-9a-f]+)\/link$/.exec(path)?.[1] ?? []);
  };
  const [amd64, arm64] = [web, arm].map(({ manifest }) => hexOf(manifest.descriptor.digest));
  await build(environment, context.path);
  expect(new Set(await revisions())).toEqual(new Set([amd64, hexOf(index.digest)]));
  await build(environment, context.path, { savesAllPlatforms: true });
  expect(new Set(await revisions())).toEqual(new Set([amd64, arm64, hexOf(index.digest)]));
});
