import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { collect } from "../../../src/base/bytes.ts";
import { writeFileAtomic } from "../../../src/base/atomic-file.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { copyGraph } from "../../../src/oci/copy-graph.ts";
import { RemoteRegistry } from "../../../src/registry/client/remote-registry.ts";
import { RemoteRepository } from "../../../src/registry/client/remote-repository.ts";
import { RegistryFolder } from "../../../src/registry/storage/filesystem.ts";
import { blobPath, registryEntries } from "../../../src/registry/storage/layout.ts";
import { pruneFolder } from "../../../src/registry/storage/prune.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import {
  blob,
  pushBlob,
  pushImage,
  testImage,
  testIndex,
  type Blob,
  type TestImage,
} from "../../support/test-image.ts";
import { startDockerRegistry } from "./docker-registry.ts";
import { startOurRegistry } from "./our-registry.ts";

const run = promisify(execFile);
const ctx = backgroundContext();
const images = [testImage("amd64", "shared"), testImage("arm64", "shared")];
const index = testIndex(...images.map(({ manifest }) => manifest));
const contents = [...images.flatMap(({ manifest, blobs }) => [manifest, ...blobs]), index];

let folder = "";
const open: { close(): void | Promise<void> }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "registry-exchange-test-"));
});
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close();
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function connect(name: string, repository: string): RemoteRepository {
  const registry = new RemoteRegistry(name);
  open.push(registry);
  return new RemoteRepository(registry, repository);
}

/** Pulls the index with everything behind it. @returns how many contents that were. */
async function pullAll(name: string): Promise<number> {
  const back = new MemoryStore();
  const repository = connect(name, "library/web");
  const root = await repository.resolve(ctx, "v1");
  await copyGraph(ctx, { from: repository, to: back, root });
  return back.blobs.size;
}

test("registryEntries() makes a folder that docker-registry serves", async () => {
  const root = join(folder, "entries");
  const entries = registryEntries([
    {
      repository: "library/web",
      tag: "v1",
      root: index.descriptor.digest,
      manifests: [...images.map(({ manifest }) => manifest.descriptor.digest), index.descriptor.digest],
      blobs: images.flatMap(({ blobs }) => blobs.map(({ descriptor }) => descriptor.digest)),
    },
  ]);
  for (const entry of entries) {
    const blob = "blob" in entry ? contents.find(({ descriptor }) => descriptor.digest === entry.blob) : undefined;
    await writeFileAtomic(join(root, entry.path), "content" in entry ? entry.content : (blob?.content ?? ""));
  }
  const server = await startDockerRegistry({ root });
  open.push(server);

  expect(await pullAll(server.name)).toBe(8);
});

test("RegistryFolder writes a folder that docker-registry serves and deletes from", async () => {
  const root = join(folder, "ours");
  const repository = new RegistryFolder(root).repository("library/web");
  for (const image of images) await pushImage(ctx, repository, image);
  await pushBlob(ctx, repository, index);
  await repository.tag(ctx, index.descriptor, "v1");
  const server = await startDockerRegistry({ root });
  open.push(server);

  expect(await pullAll(server.name)).toBe(8);
  const url = `http://${server.name}/v2/library/web/manifests/${index.descriptor.digest}`;
  expect((await fetch(url, { method: "DELETE" })).status).toBe(202);
  expect(await repository.listTags()).toEqual([]);
});

test("our registry serves a folder that docker-registry wrote", async () => {
  const root = join(folder, "theirs");
  const theirs = await startDockerRegistry({ root });
  open.push(theirs);
  const repository = connect(theirs.name, "library/web");
  for (const image of images) await pushImage(ctx, repository, image);
  await pushBlob(ctx, repository, index);
  await repository.tag(ctx, index.descriptor, "v1");
  const ours = await startOurRegistry({ root });
  open.push(ours);

  expect(await pullAll(ours.name)).toBe(8);
  expect(await new RegistryFolder(root).listRepositories(ctx)).toEqual(["library/web"]);
});

/** Two images of which the second one is no longer asked for, and a blob of neither. */
async function fillAndForget(repository: RemoteRepository): Promise<{ kept: TestImage; gone: TestImage; loose: Blob }> {
  const [kept, gone, loose] = [testImage("kept", "shared"), testImage("gone", "shared"), blob("loose")];
  for (const image of [kept, gone]) await pushImage(ctx, repository, image);
  await pushBlob(ctx, repository, loose);
  await repository.tag(ctx, kept.manifest.descriptor, "v1");
  await repository.tag(ctx, gone.manifest.descriptor, "v2");
  return { kept, gone, loose };
}

/** What of these has its content in the folder. */
function contentsIn(root: string, parts: readonly Blob[]): readonly Blob[] {
  return parts.filter(({ descriptor }) => existsSync(join(root, blobPath(descriptor.digest))));
}

test("docker-registry's garbage collection leaves the images whole that our server wrote, and only them", async () => {
  const root = join(folder, "their-collection");
  const ours = await startOurRegistry({ root });
  const repository = connect(ours.name, "library/web");
  const { kept, gone, loose } = await fillAndForget(repository);
  await fetch(`http://${ours.name}/v2/library/web/blobs/uploads/`, { method: "POST" });
  const url = `http://${ours.name}/v2/library/web/manifests/${gone.manifest.descriptor.digest}`;
  expect((await fetch(url, { method: "DELETE" })).status).toBe(202);
  await ours.close();
  const configuration = { version: "0.1", storage: { filesystem: { rootdirectory: root }, delete: { enabled: true } } };
  await writeFile(join(folder, "collect.json"), JSON.stringify(configuration));
  await run("docker-registry", ["garbage-collect", join(folder, "collect.json")], {
    env: { PATH: process.env["PATH"] },
  });

  const whole = [kept.manifest, ...kept.blobs];
  expect(contentsIn(root, [...whole, gone.manifest, loose, ...gone.blobs.slice(0, 2)])).toEqual(whole);
  const again = await startOurRegistry({ root });
  open.push(again);
  const back = new MemoryStore();
  await copyGraph(ctx, { from: connect(again.name, "library/web"), to: back, root: kept.manifest.descriptor });
  expect(back.blobs.size).toBe(whole.length);
});

test("pruneFolder() leaves the images whole that docker-registry wrote, and only them", async () => {
  const root = join(folder, "our-collection");
  const theirs = await startDockerRegistry({ root });
  open.push(theirs);
  const { kept, gone, loose } = await fillAndForget(connect(theirs.name, "library/web"));
  await fetch(`http://${theirs.name}/v2/library/web/blobs/uploads/`, { method: "POST" });
  const url = `http://${theirs.name}/v2/library/web/manifests/${gone.manifest.descriptor.digest}`;
  expect((await fetch(url, { method: "DELETE" })).status).toBe(202);

  const before = new Date(Date.now() + 60_000);
  const pruned = await pruneFolder(ctx, new RegistryFolder(root), { before, untagged: false });
  expect(pruned).toMatchObject({ uploads: 1 });
  const whole = [kept.manifest, ...kept.blobs];
  expect(contentsIn(root, [...whole, gone.manifest, loose, ...gone.blobs.slice(0, 2)])).toEqual(whole);
  const back = new MemoryStore();
  const repository = connect(theirs.name, "library/web");
  await copyGraph(ctx, { from: repository, to: back, root: await repository.resolve(ctx, "v1") });
  expect(back.blobs.size).toBe(whole.length);
});

test("our registry and docker-registry serve one folder at the same time", async () => {
  const root = join(folder, "shared");
  const servers = [await startDockerRegistry({ root }), await startOurRegistry({ root })];
  open.push(...servers);
  const [theirs, ours] = servers.map(({ name }) => connect(name, "library/web"));
  if (!theirs || !ours) throw new Error("no servers");

  const push = async (repository: RemoteRepository, tag: string): Promise<TestImage> => {
    const image = testImage(tag, "shared by all");
    await pushImage(ctx, repository, image);
    await repository.tag(ctx, image.manifest.descriptor, tag);
    return image;
  };
  const numbers = [0, 1, 2, 3, 4];
  // One after another at theirs, which reads a link half written when two of its own pushes meet.
  const pushingThere = (async () => {
    const pushed: TestImage[] = [];
    for (const number of numbers) pushed.push(await push(theirs, `s0-n${number}`));
    return pushed;
  })();
  const pushed = (await Promise.all([pushingThere, ...numbers.map((number) => push(ours, `s1-n${number}`))])).flat();

  for (const repository of [theirs, ours]) {
    for (const { manifest, blobs } of pushed) {
      for (const { descriptor, content } of [manifest, ...blobs]) {
        expect(await collect(await repository.fetch(ctx, descriptor), descriptor.size)).toEqual(content);
      }
    }
  }
  const tags = numbers.flatMap((number) => [`s0-n${number}`, `s1-n${number}`]).sort();
  for (const { name } of servers) {
    const document: unknown = await (await fetch(`http://${name}/v2/library/web/tags/list`)).json();
    expect(document).toEqual({
      name: "library/web",
      tags: expect.toSatisfy((found: string[]) => found.sort().join() === tags.join()),
    });
  }
  await fetch(`http://${servers[1]?.name}/v2/library/web/manifests/s0-n0`, { method: "DELETE" });
  await expect(theirs.resolve(ctx, "s0-n0")).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
});

test("skopeo copies an index to our registry and back", async () => {
  const server = await startOurRegistry();
  open.push(server);
  const repository = connect(server.name, "library/web");
  for (const image of images) await pushImage(ctx, repository, image);
  await pushBlob(ctx, repository, index);
  await repository.tag(ctx, index.descriptor, "v1");
  const layout = `oci:${join(folder, "layout")}:v1`;

  await skopeo("copy", "--all", "--src-tls-verify=false", `docker://${server.name}/library/web:v1`, layout);
  await skopeo("copy", "--all", "--dest-tls-verify=false", layout, `docker://${server.name}/other/web:v2`);

  const copied = connect(server.name, "other/web");
  expect((await copied.resolve(ctx, "v2")).digest).toBe(index.descriptor.digest);
  for (const { descriptor, content } of images.flatMap(({ blobs }) => blobs)) {
    expect(await collect(await copied.fetch(ctx, descriptor), descriptor.size)).toEqual(content);
  }
  const tags = await skopeo("list-tags", "--tls-verify=false", `docker://${server.name}/other/web`);
  expect(JSON.parse(tags)).toMatchObject({ Tags: ["v2"] });
  await skopeo("delete", "--tls-verify=false", `docker://${server.name}/other/web:v2`);
  await expect(copied.resolve(ctx, "v2")).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
});

async function skopeo(...words: readonly string[]): Promise<string> {
  const settings = ["--insecure-policy", "--registries.d", folder, "--tmpdir", folder];
  return (await run("skopeo", [...settings, ...words])).stdout;
}
