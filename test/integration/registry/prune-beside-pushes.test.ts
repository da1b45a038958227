import { mkdtemp, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { collect } from "../../../src/base/bytes.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { RemoteRepository } from "../../../src/registry/client/remote-repository.ts";
import { RegistryFolder } from "../../../src/registry/storage/filesystem.ts";
import { blobPath, layerLinkPath } from "../../../src/registry/storage/layout.ts";
import { pruneFolder } from "../../../src/registry/storage/prune.ts";
import { pushBlob, testImage, type TestImage } from "../../support/test-image.ts";
import { startKillableRegistry, type KillableRegistry } from "./killable-registry.ts";

const ctx = backgroundContext();
const HOUR_MS = 3_600_000;
let root = "";
let server: KillableRegistry | undefined;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "prune-beside-test-"));
  server = await startKillableRegistry(root);
});
afterEach(async () => {
  await server?.kill();
  await rm(root, { recursive: true, force: true });
});

/** Leaves the layers of an image as an abandoned push of yesterday does. */
async function abandon(repository: RemoteRepository, { blobs }: TestImage): Promise<void> {
  const old = new Date(Date.now() - 24 * HOUR_MS);
  for (const part of blobs) {
    await pushBlob(ctx, repository, part);
    await utimes(join(root, blobPath(part.descriptor.digest)), old, old);
    await utimes(join(root, layerLinkPath("team/web", part.descriptor.digest)), old, old);
  }
}

/** Pushes as clients do: what is there is not sent. */
async function push(repository: RemoteRepository, { manifest, blobs }: TestImage, tag: string): Promise<void> {
  for (const part of blobs) {
    if (!(await repository.has(ctx, part.descriptor))) await pushBlob(ctx, repository, part);
  }
  await pushBlob(ctx, repository, manifest);
  await repository.tag(ctx, manifest.descriptor, tag);
}

test("pruneFolder() beside pushes that use old layers takes nothing from an image that was acknowledged", async () => {
  if (!server) throw new Error("no server");
  const repository = new RemoteRepository(server.registry, "team/web");
  const pushed: TestImage[] = [];
  let removed = 0;
  for (let round = 0; round < 8; round++) {
    const images = Array.from({ length: 6 }, (_, count) => testImage(`${round} ${count}`, `shared ${round}`));
    const unwanted = testImage(`nobody wants ${round}`);
    for (const image of [...images, unwanted]) await abandon(repository, image);
    const before = new Date(Date.now() - HOUR_MS);

    const [pruned] = await Promise.all([
      pruneFolder(ctx, new RegistryFolder(root), { before, untagged: true }),
      ...images.map((image, count) => push(repository, image, `r${round}-n${count}`)),
    ]);

    pushed.push(...images);
    removed += pruned.removed.length;
  }
  for (const { manifest, blobs } of pushed) {
    for (const { descriptor, content } of [manifest, ...blobs]) {
      expect(await collect(await repository.fetch(ctx, descriptor), descriptor.size)).toEqual(content);
    }
  }
  expect(removed).toBeGreaterThanOrEqual(8);
});

test("pruneFolder() leaves a young upload alone", async () => {
  if (!server) throw new Error("no server");
  const begun = await fetch(`http://${server.name}/v2/team/web/blobs/uploads/`, { method: "POST" });
  const location = `http://${server.name}${begun.headers.get("location")}`;
  await fetch(location, { method: "PATCH", body: "01234" });
  const before = new Date(Date.now() - HOUR_MS);
  expect((await pruneFolder(ctx, new RegistryFolder(root), { before, untagged: false })).uploads).toBe(0);
  expect((await fetch(location)).headers.get("range")).toBe("0-4");
});
