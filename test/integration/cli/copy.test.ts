import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createReadStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { MEDIA_TYPES } from "../../../src/oci/media-type.ts";
import { referrersTag } from "../../../src/oci/referrers.ts";
import { RegistryFolder } from "../../../src/registry/storage/filesystem.ts";
import { blob, document, pushBlob, pushImage, testImage, testIndex } from "../../support/test-image.ts";
import { startDockerRegistry, type DockerRegistry } from "../registry/docker-registry.ts";
import { startOurRegistry, type OurRegistry } from "../registry/our-registry.ts";
import { runProgram, type ProgramRun } from "./program.ts";

const ctx = backgroundContext();
const image = testImage("one");
const index = testIndex({
  ...image.manifest,
  descriptor: { ...image.manifest.descriptor, platform: { os: "linux", architecture: "amd64" } },
});
const empty = blob("{}", MEDIA_TYPES.ociEmpty);
const bill = document(MEDIA_TYPES.ociManifest, {
  artifactType: "application/spdx+json",
  config: empty.descriptor,
  layers: [empty.descriptor],
  subject: index.descriptor,
});
const signature = document(MEDIA_TYPES.ociManifest, { config: empty.descriptor, layers: [empty.descriptor] });
const signatureTag = `${referrersTag(index.descriptor.digest)}.sig`;
let root: string;
let docker: DockerRegistry;
let ours: OurRegistry;
let files: Server;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "cli-copy-test-"));
  docker = await startDockerRegistry();
  ours = await startOurRegistry();
  const source = new RegistryFolder(ours.root).repository("team/web");
  await pushImage(ctx, source, image);
  for (const part of [index, empty, bill, signature]) await pushBlob(ctx, source, part);
  await source.tag(ctx, index.descriptor, "v1");
  await source.tag(ctx, signature.descriptor, signatureTag);
  files = createServer((request, response) => createReadStream(join(root, request.url ?? "")).pipe(response));
  await new Promise<void>((resolve) => files.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  files.close();
  await ours.close();
  await docker.close();
  await rm(root, { recursive: true, force: true });
});

function sealos(...argv: string[]): Promise<ProgramRun> {
  return runProgram(argv, { root });
}

async function fetchJson(url: string): Promise<unknown> {
  return (await fetch(url, { headers: { accept: `${MEDIA_TYPES.ociIndex}, ${MEDIA_TYPES.ociManifest}` } })).json();
}

test("signatures and bills travel: registry, registry without referrers, store, archive, store, registry", async () => {
  const [here, there] = [`${ours.name}/team/web:v1`, `${docker.name}/other/web:v1`];
  const copied = await sealos("copy", "-q", "--all", `docker://${here}`, `docker://${there}`);
  expect(copied).toMatchObject({ exitCode: 0, stderr: "" });
  const tagged = `http://${docker.name}/v2/other/web/manifests/${referrersTag(index.descriptor.digest)}`;
  expect(await fetchJson(tagged)).toMatchObject({
    manifests: [{ digest: bill.descriptor.digest, artifactType: "application/spdx+json" }],
  });
  expect(await sealos("pull", "-q", "--all-platforms", there)).toMatchObject({ exitCode: 0 });
  expect(await sealos("save", "-q", "-o", "web.tar", there)).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await sealos("rmi", there)).toMatchObject({ exitCode: 0 });
  expect(await readdir(join(root, "images/blobs/sha256"))).toEqual([]);
  expect((await sealos("load", "-q", "-i", "web.tar")).stdout).toBe(`Loaded image: ${there}\n`);
  expect((await sealos("images", "-q")).stdout.split("\n").length).toBe(2);

  const last = `${ours.name}/last/web:v1`;
  expect(await sealos("push", "-q", "--all", there, last)).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await fetchJson(`http://${ours.name}/v2/last/web/referrers/${index.descriptor.digest}`)).toMatchObject({
    manifests: [{ digest: bill.descriptor.digest }],
  });
  const { tags } = (await fetchJson(`http://${ours.name}/v2/last/web/tags/list`)) as { tags: string[] };
  expect(tags.sort()).toEqual([signatureTag, "v1"].sort());
});

test("sealos copy --no-referrers leaves them", async () => {
  const destination = `docker://${ours.name}/plain/web:v1`;
  await sealos("copy", "-q", "--all", "--no-referrers", `docker://${ours.name}/team/web:v1`, destination);
  expect(await fetchJson(`http://${ours.name}/v2/plain/web/referrers/${index.descriptor.digest}`)).toMatchObject({
    manifests: [],
  });
});

test("sealos pull -a takes every tag that is an image", async () => {
  const pulled = await sealos("pull", "-q", "-a", `${ours.name}/team/web`);
  expect(pulled).toMatchObject({ exitCode: 0, stdout: `${image.blobs[0]?.descriptor.digest.slice(7)}\n` });
  expect(await sealos("pull", "-q", "-a", `${ours.name}/team/web:v1`)).toMatchObject({ exitCode: 1 });
});

test("sealos save and load through parts, a pipe and a URL", async () => {
  await writeFile(join(root, "big"), Buffer.alloc(3_000_000, 7));
  await writeFile(join(root, "Kubefile"), "FROM scratch\nCOPY big /\n");
  expect(await sealos("build", "-q", "-t", "big:v1", ".")).toMatchObject({ exitCode: 0 });
  const loaded = "Loaded image: localhost/big:v1\n";
  await sealos("save", "-q", "-o", "parts.tar", "--max-part-size", "1M", "big:v1");
  expect((await readdir(root)).filter((name) => name.startsWith("parts"))).toEqual([
    "parts.tar.000",
    "parts.tar.001",
    "parts.tar.002",
    "parts.tar.parts",
  ]);
  expect(await sealos("load", "-q", "-i", "parts.tar")).toEqual({ exitCode: 0, stdout: loaded, stderr: "" });

  await sealos("save", "-q", "-o", "big.tar.zst", "--compression", "zstd", "--format", "docker-archive", "big:v1");
  const address = files.address();
  const port = typeof address === "object" ? address?.port : 0;
  expect((await sealos("load", "-q", "-i", `http://127.0.0.1:${port}/big.tar.zst`)).stdout).toBe(loaded);
  const missing = await sealos("load", "-q", "-i", "none.tar");
  expect(missing).toMatchObject({ exitCode: 1, stdout: "" });
  expect(missing.stderr).toContain('Cannot read "none.tar": there is no such file');
});

test("sealos inspect shows images of other places, raw and by template", async () => {
  const place = `docker://${ours.name}/team/web:v1`;
  const raw = await sealos("inspect", "--raw", place);
  expect(raw.stdout).toBe(`${Buffer.from(index.content).toString()}\n`);
  expect((await sealos("inspect", "--type", "manifest", "--platform", "linux/amd64", place)).stdout).toBe(
    `${Buffer.from(image.manifest.content).toString()}\n`,
  );
  expect((await sealos("inspect", "-f", "{{.OCIv1.Architecture}} {{.FromImageDigest}}", place)).stdout).toBe(
    `amd64 ${image.manifest.descriptor.digest}\n`,
  );
  expect(JSON.parse((await sealos("inspect", "--config", place)).stdout)).toMatchObject({ architecture: "amd64" });
  expect(await sealos("inspect", "--raw", "--config", place)).toMatchObject({ exitCode: 2 });
  expect((await sealos("inspect", "docker-daemon:web")).stderr).toContain("docker save");
});
