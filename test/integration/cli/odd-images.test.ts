import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import type { Platform } from "../../../src/oci/platform.ts";
import { MEDIA_TYPES } from "../../../src/oci/media-type.ts";
import { RegistryFolder } from "../../../src/registry/storage/filesystem.ts";
import { blob, document, pushBlob, type Blob } from "../../support/test-image.ts";
import { startDockerRegistry, type DockerRegistry } from "../registry/docker-registry.ts";
import { startOurRegistry, type OurRegistry } from "../registry/our-registry.ts";
import { runProgram } from "./program.ts";

const ctx = backgroundContext();

const nothing = blob("");
const packed = [blob("gzip", MEDIA_TYPES.ociLayerGzip), blob("zstd", MEDIA_TYPES.ociLayerZstd)];
const dockerLayer = blob("docker", MEDIA_TYPES.dockerLayerGzip);
const configs = [
  configFor({ os: "linux", architecture: "amd64" }, MEDIA_TYPES.ociConfig),
  configFor({ os: "linux", architecture: "arm", variant: "v7" }, MEDIA_TYPES.dockerConfig),
  configFor({ os: "windows", architecture: "amd64" }, MEDIA_TYPES.dockerConfig),
] as const;
/** An empty blob as a layer, and layers packed in two ways. */
const oci = document(MEDIA_TYPES.ociManifest, {
  config: configs[0].descriptor,
  layers: [nothing, ...packed].map(({ descriptor }) => descriptor),
  annotations: { "example.org/note": "kept" },
});
const docker = document(MEDIA_TYPES.dockerManifest, {
  config: configs[1].descriptor,
  layers: [dockerLayer.descriptor],
});
/** A layer that its owner alone hands out: nobody has it here. */
const foreign = {
  ...blob("of somebody else", "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip").descriptor,
  urls: ["https://owner.example/layer"],
};
const windows = document(MEDIA_TYPES.dockerManifest, {
  config: configs[2].descriptor,
  layers: [foreign, dockerLayer.descriptor],
});
const inner = document(MEDIA_TYPES.ociIndex, {
  manifests: [{ ...oci.descriptor, platform: { os: "linux", architecture: "amd64" } }],
});
const list = document(MEDIA_TYPES.dockerManifestList, {
  manifests: [{ ...docker.descriptor, platform: { os: "linux", architecture: "arm", variant: "v7" } }],
});
/** An index of an OCI index and a Docker list. */
const nested = document(MEDIA_TYPES.ociIndex, { manifests: [inner.descriptor, list.descriptor] });
const whole = document(MEDIA_TYPES.ociIndex, {
  manifests: [
    inner.descriptor,
    list.descriptor,
    { ...windows.descriptor, platform: { os: "windows", architecture: "amd64", "os.version": "10.0.20348.1" } },
  ],
});

let root: string;
let ours: OurRegistry;
let theirs: DockerRegistry;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "cli-odd-images-test-"));
  ours = await startOurRegistry();
  theirs = await startDockerRegistry();
  const source = new RegistryFolder(ours.root).repository("odd/image");
  for (const part of [nothing, ...packed, dockerLayer, ...configs]) await pushBlob(ctx, source, part);
  for (const part of [oci, docker, windows, inner, list, nested, whole]) await pushBlob(ctx, source, part);
  await source.tag(ctx, whole.descriptor, "whole");
  await source.tag(ctx, nested.descriptor, "nested");
});

afterAll(async () => {
  await theirs.close();
  await ours.close();
  await rm(root, { recursive: true, force: true });
});

function configFor(platform: Platform, mediaType: string): Blob {
  return blob(JSON.stringify({ ...platform, rootfs: { type: "layers", diff_ids: [] } }), mediaType);
}

/** Runs a command that must succeed. @returns what it prints */
async function sealos(...argv: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runProgram(argv, { root });
  expect({ argv, exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ argv, exitCode: 0, stderr: "" });
  return stdout;
}

async function digestAt(url: string): Promise<string | null> {
  const accept = [MEDIA_TYPES.ociIndex, MEDIA_TYPES.dockerManifestList].join(", ");
  return (await fetch(url, { method: "HEAD", headers: { accept } })).headers.get("docker-content-digest");
}

test("an index of indexes with foreign layers and an empty blob goes through every place unchanged", async () => {
  const places = [
    `docker://${ours.name}/odd/image:whole`,
    "oci-archive:first.tar",
    "oci:layout:whole",
    "odd:v1",
    `docker://${ours.name}/odd/back:v1`,
  ];
  for (const [step, place] of places.slice(1).entries()) {
    await sealos("copy", "-q", "--all", "--preserve-digests", places[step] ?? "", place);
  }
  expect(await digestAt(`http://${ours.name}/v2/odd/back/manifests/v1`)).toBe(whole.descriptor.digest);

  await sealos("save", "-q", "-o", "second.tar.zst", "--compression", "zstd", "odd:v1");
  await sealos("rmi", "odd:v1");
  expect(await sealos("load", "-q", "-i", "second.tar.zst")).toBe("Loaded image: localhost/odd:v1\n");
  await sealos("fsck");
  await sealos("manifest", "push", "-q", "odd:v1", `${ours.name}/odd/last:v1`);
  expect(await digestAt(`http://${ours.name}/v2/odd/last/manifests/v1`)).toBe(whole.descriptor.digest);
  for (const { descriptor } of [nothing, ...packed, dockerLayer, ...configs]) {
    const found = await fetch(`http://${ours.name}/v2/odd/last/blobs/${descriptor.digest}`);
    expect([found.status, (await found.arrayBuffer()).byteLength]).toEqual([200, descriptor.size]);
  }
});

test("an index of indexes goes to the distribution registry and back", async () => {
  const there = `${theirs.name}/odd/image:nested`;
  await sealos("copy", "-q", "--all", `docker://${ours.name}/odd/image:nested`, `docker://${there}`);
  await sealos("pull", "-q", "--all-platforms", there);
  expect(JSON.parse(await sealos("manifest", "inspect", there))).toEqual(
    JSON.parse(Buffer.from(nested.content).toString()),
  );
});

test("the image for a platform is found inside the indexes, by its variant too", async () => {
  const place = `docker://${ours.name}/odd/image:whole`;
  const digestFor = async (...flags: readonly string[]): Promise<string> =>
    (await sealos("inspect", "-f", "{{.FromImageDigest}}", ...flags, place)).trim();
  expect(await digestFor("--platform", "linux/amd64")).toBe(oci.descriptor.digest);
  expect(await digestFor("--platform", "linux/arm/v7")).toBe(docker.descriptor.digest);
  expect(await digestFor("--arch", "arm")).toBe(docker.descriptor.digest);
  expect(await digestFor("--os", "windows")).toBe(windows.descriptor.digest);
  const missing = await runProgram(["inspect", "--platform", "linux/arm/v6", place], { root });
  expect(missing.stderr).toContain("for linux/arm/v6: it is there for linux/amd64, linux/arm/v7, windows/amd64");
});

test("one platform's image is pulled and saved in Docker's format with its own layers only", async () => {
  await sealos("pull", "-q", "--arch", "arm", `${ours.name}/odd/image:nested`);
  await sealos("copy", "-q", `${ours.name}/odd/image:nested`, "dir:arm");
  expect(await sealos("inspect", "--raw", "dir:arm")).toBe(`${Buffer.from(docker.content).toString()}\n`);
});
