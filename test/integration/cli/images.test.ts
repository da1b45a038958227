import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { RemoteRegistry } from "../../../src/registry/client/remote-registry.ts";
import { RemoteRepository } from "../../../src/registry/client/remote-repository.ts";
import { pushImage, testImage } from "../../support/test-image.ts";
import { startDockerRegistry, type DockerRegistry } from "../registry/docker-registry.ts";
import { runProgram, type ProgramRun } from "./program.ts";

const ctx = backgroundContext();
const image = testImage("layer one", "layer two");
const id = image.blobs[0]?.descriptor.digest.slice(7) ?? "";
let root: string;
let registry: DockerRegistry;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "cli-images-test-"));
  registry = await startDockerRegistry();
  const client = new RemoteRegistry(registry.name);
  const repository = new RemoteRepository(client, "team/web");
  await pushImage(ctx, repository, image);
  await repository.tag(ctx, image.manifest.descriptor, "v1");
  client.close();
});

afterAll(async () => {
  await registry.close();
  await rm(root, { recursive: true, force: true });
});

async function sealos(...argv: string[]): Promise<ProgramRun> {
  return runProgram(argv, { root });
}

test("an image goes from a registry through the store, an archive and back", async () => {
  const source = `${registry.name}/team/web:v1`;
  expect(await sealos("pull", source)).toMatchObject({ exitCode: 0, stdout: `${id}\n` });
  expect(await sealos("tag", source, "web:v2")).toMatchObject({ exitCode: 0, stdout: "" });
  expect(await sealos("images", "-q")).toMatchObject({ stdout: `${id.slice(0, 12)}\n` });
  expect((await sealos("images", "--format", "{{.Name}} {{.Tag}}")).stdout.split("\n")).toEqual([
    `${registry.name}/team/web v1`,
    "localhost/web v2",
    "",
  ]);
  expect(await sealos("save", "-o", "web.tar", "web:v2")).toMatchObject({ exitCode: 0, stdout: "" });
  expect(await sealos("rmi", source, "web:v2")).toMatchObject({
    stdout: `untagged: ${source}\nuntagged: localhost/web:v2\n${id}\n`,
  });
  expect(await sealos("load", "-i", "web.tar")).toMatchObject({ stdout: "Loaded image: localhost/web:v2\n" });
  expect(await sealos("push", "web:v2", `${registry.name}/other/web:v2`)).toMatchObject({
    exitCode: 0,
    stdout: `Pushed ${registry.name}/other/web:v2@${image.manifest.descriptor.digest}\n`,
  });
  expect(JSON.parse((await sealos("inspect", "web:v2")).stdout)).toMatchObject({
    Name: "localhost/web:v2",
    FromImageID: id,
    OCIv1: { architecture: "amd64" },
  });
  expect(await sealos("inspect", "-f", "{{.OCIv1.Architecture}}", "web:v2")).toMatchObject({ stdout: "amd64\n" });
}, 120_000);

test("sealos images says when there is no image of a name", async () => {
  expect(await sealos("images", "none")).toMatchObject({ exitCode: 1, stdout: "" });
  expect(await sealos("images", "-a", "web")).toMatchObject({ exitCode: 2 });
});

test("an image that no registry has is an error that names it", async () => {
  const run = await sealos("pull", `${registry.name}/team/none:v1`);
  expect(run.exitCode).toBe(1);
  expect(run.stderr).toContain(`Error: Cannot find "${registry.name}/team/none:v1": the registry does not have it`);
});
