import { expect, test } from "vitest";

import { buildImage, type BuildRequest } from "../../src/actions/build-image.ts";
import { inspectImage } from "../../src/actions/inspect-image.ts";
import { listImages } from "../../src/actions/list-images.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { KubefileError } from "../../src/kubefile/errors.ts";
import { openImageFiles } from "../../src/store/image-files.ts";
import { pushImage, testImage } from "../support/test-image.ts";
import { buildRequest, openTestEnvironment, writeContext, type TestImageEnvironment } from "./image-environment.ts";

const ctx = backgroundContext();
const pause = testImage("pause");

async function requestOf(
  environment: TestImageEnvironment,
  kubefile: string,
  files: Readonly<Record<string, string>>,
): Promise<BuildRequest> {
  return buildRequest(await writeContext(environment, files), kubefile);
}

test("buildImage() makes an image under its local name, the same for the same input", async () => {
  await using environment = await openTestEnvironment();
  const request = await requestOf(environment, "FROM scratch\nARG V=1\nENV VERSION=$V\nCOPY app /app\n", { app: "x" });
  const built = await buildImage(ctx, environment, { ...request, buildArguments: { V: "2" }, labels: { a: "b" } });
  expect(built.names).toEqual(["localhost/web:v1"]);
  const details = await inspectImage(ctx, environment, { name: "web:v1" });
  expect(details).toMatchObject({ id: built.id, digest: built.digest });
  expect(details.config.config).toMatchObject({ Labels: { a: "b" } });
  expect(details.config.config?.Env).toContain("VERSION=2");

  await using elsewhere = await openTestEnvironment();
  const again = await requestOf(elsewhere, request.kubefile.text, { app: "x" });
  const rebuilt = await buildImage(ctx, elsewhere, { ...again, buildArguments: { V: "2" }, labels: { a: "b" } });
  expect(rebuilt.digest).toBe(built.digest);
});

test("buildImage() pulls the images that the context lists and puts them below registry/", async () => {
  await using environment = await openTestEnvironment();
  const repository = environment.repository("r.example/pause");
  await pushImage(ctx, repository, pause);
  await repository.tag(ctx, pause.manifest.descriptor, "3.10");
  const request = await requestOf(environment, "FROM scratch\nCOPY . .\n", {
    "images/shim/list": "r.example/pause:3.10\n",
  });
  await buildImage(ctx, environment, request);

  const manifest = await environment.store.resolve(ctx, "localhost/web:v1");
  const { tree } = await openImageFiles(ctx, environment.store, manifest);
  const { digest } = pause.manifest.descriptor;
  expect([...tree.keys()]).toContain(
    "registry/docker/registry/v2/repositories/pause/_manifests/tags/3.10/current/link",
  );
  expect([...tree.keys()]).toContain(
    `registry/docker/registry/v2/blobs/sha256/${digest.slice(7, 9)}/${digest.slice(7)}/data`,
  );
});

test("buildImage() leaves listed images out when it is told to", async () => {
  await using environment = await openTestEnvironment();
  const request = await requestOf(environment, "FROM scratch\nCOPY . .\n", {
    "images/shim/list": "r.example/pause:3.10\n",
  });
  await buildImage(ctx, environment, { ...request, savesImages: false });
  expect(environment.repositories.size).toBe(0);
});

test("buildImage() names an image that the context lists and nobody has", async () => {
  await using environment = await openTestEnvironment();
  const request = await requestOf(environment, "FROM scratch\nCOPY . .\n", {
    "images/shim/list": "r.example/pause:3.10\n",
  });
  await expect(buildImage(ctx, environment, request)).rejects.toThrow(
    '"r.example/pause:3.10" (images/shim/list:1): Cannot find',
  );
});

test("buildImage() leaves no image when the Kubefile is wrong", async () => {
  await using environment = await openTestEnvironment();
  const request = await requestOf(environment, "FROM scratch\nCOPY missing /\n", { app: "x" });
  await expect(buildImage(ctx, environment, request)).rejects.toThrow(KubefileError);
  expect(await listImages(ctx, environment)).toEqual([]);
});
