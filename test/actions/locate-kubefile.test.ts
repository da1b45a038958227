import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { locateKubefile } from "../../src/actions/locate-kubefile.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "locate-test-"));
  await mkdir(join(root, "context/build"), { recursive: true });
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const locate = (file?: string) => locateKubefile(join(root, "context"), { file, workingDirectory: root });

test("locateKubefile() takes the first of the usual names", async () => {
  await writeFile(join(root, "context/Dockerfile"), "docker");
  expect(await locate()).toEqual({ name: "Dockerfile", text: "docker", path: join(root, "context/Dockerfile") });
  await writeFile(join(root, "context/Kubefile"), "kube");
  expect(await locate()).toMatchObject({ name: "Kubefile", text: "kube" });
});

test("locateKubefile() looks for a named file from the working directory, then in the context", async () => {
  await writeFile(join(root, "context/Named"), "in the context");
  expect(await locate("Named")).toMatchObject({ name: "Named", text: "in the context" });
  await writeFile(join(root, "Named"), "here");
  expect(await locate("Named")).toMatchObject({ text: "here", path: join(root, "Named") });
});

test("locateKubefile() says where it has looked; a folder is no Kubefile", async () => {
  await expect(locate("build")).rejects.toThrow(
    `Cannot find a Kubefile: there is none of ${root}/build, ${root}/context/build`,
  );
  await expect(locate()).rejects.toThrow("context/Sealfile, ");
});
