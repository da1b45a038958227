import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import type { Bytes } from "../../../src/base/bytes.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { RemoteRepository } from "../../../src/registry/client/remote-repository.ts";
import { blob, pushBlob, pushImage, testImage, type TestImage } from "../../support/test-image.ts";
import { startKillableRegistry, type KillableRegistry } from "./killable-registry.ts";

const ctx = backgroundContext();
let root = "";
const open: KillableRegistry[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "killed-server-test-"));
});
afterEach(async () => {
  for (const server of open.splice(0)) await server.kill();
  await rm(root, { recursive: true, force: true });
});

async function start(): Promise<KillableRegistry> {
  const server = await startKillableRegistry(root);
  open.push(server);
  return server;
}

function repositoryOf({ registry }: KillableRegistry): RemoteRepository {
  return new RemoteRepository(registry, "library/web");
}

/** The files below `blobs/` whose content is not what their name says. */
async function damagedBlobs(): Promise<string[]> {
  const folder = join(root, "docker/registry/v2/blobs");
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith("/data"));
  const damaged: string[] = [];
  for (const name of names) {
    const digest = createHash("sha256")
      .update(await readFile(join(folder, name)))
      .digest("hex");
    if (!dirname(name).endsWith(`/${digest}`)) damaged.push(name);
  }
  return damaged;
}

test("a server that is killed in an upload keeps what it acknowledged and shows nothing of the rest", async () => {
  const first = await start();
  const image = testImage("acknowledged");
  await pushImage(ctx, repositoryOf(first), image);
  await repositoryOf(first).tag(ctx, image.manifest.descriptor, "v1");
  const large = blob(Buffer.alloc(5_000_000, "x"));

  const push = repositoryOf(first).push(ctx, large.descriptor, killing(large.content, first));
  await expect(push).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });

  const repository = repositoryOf(await start());
  expect(await damagedBlobs()).toEqual([]);
  expect(await repository.resolve(ctx, "v1")).toEqual(image.manifest.descriptor);
  for (const { descriptor } of image.blobs) expect(await repository.has(ctx, descriptor)).toBe(true);
  expect(await repository.has(ctx, large.descriptor)).toBe(false);
  await pushBlob(ctx, repository, large);
  expect(await repository.has(ctx, large.descriptor)).toBe(true);
});

/** Which answer is the last before the kill: moments all over the pushes of four clients, and of their answers. */
const moments: readonly number[] = [1, 3, 4, 7, 10, 13, 17, 22, 26, 31];

test("a server that is killed among pushes has every blob, manifest and tag that it acknowledged", async () => {
  const kept = new Map<string, TestImage>();
  const blobs = new Map<string, TestImage["blobs"][number]>();
  for (const [round, moment] of moments.entries()) {
    const server = await start();
    let answers = 0;
    const acknowledge = (): void => {
      if (++answers === moment) void server.kill();
    };
    const clients = [0, 1, 2, 3].map(async (client) => {
      const repository = repositoryOf(server);
      for (let count = 0; count < 3; count++) {
        const image = testImage(`layer ${round} ${client} ${count}`, `shared ${round}`);
        for (const part of [...image.blobs, image.manifest]) {
          await pushBlob(ctx, repository, part);
          blobs.set(part.descriptor.digest, part);
          acknowledge();
        }
        const tag = `r${round}-c${client}-n${count}`;
        await repository.tag(ctx, image.manifest.descriptor, tag);
        kept.set(tag, image);
        acknowledge();
      }
    });
    const ends = await Promise.allSettled(clients);
    expect(ends.every(({ status }) => status === "rejected")).toBe(true);
  }

  const repository = repositoryOf(await start());
  expect(await damagedBlobs()).toEqual([]);
  for (const { descriptor } of blobs.values()) expect(await repository.has(ctx, descriptor)).toBe(true);
  for (const [tag, { manifest }] of kept) expect(await repository.resolve(ctx, tag)).toEqual(manifest.descriptor);
  expect(kept.size).toBeGreaterThan(5);
}, 120_000);

test("an upload goes on in another process where the killed one stopped", async () => {
  const first = await start();
  const piece = blob("0123456789");
  const begun = await fetch(`http://${first.name}/v2/web/blobs/uploads/`, { method: "POST" });
  const path = begun.headers.get("location") ?? "";
  await fetch(`http://${first.name}${path}`, { method: "PATCH", body: "01234", headers: { "content-range": "0-4" } });
  await first.kill();

  const second = await start();
  const asked = await fetch(`http://${second.name}${path}`);
  expect([asked.status, asked.headers.get("range")]).toEqual([204, "0-4"]);
  const rest = { method: "PATCH", body: "56789", headers: { "content-range": "5-9" } };
  expect((await fetch(`http://${second.name}${path}`, rest)).status).toBe(202);
  const end = await fetch(`http://${second.name}${path}?digest=${piece.descriptor.digest}`, { method: "PUT" });
  expect(end.status).toBe(201);
  const got = await fetch(`http://${second.name}/v2/web/blobs/${piece.descriptor.digest}`);
  expect(await got.text()).toBe("0123456789");
});

test("two servers of one folder take the same blob at the same time", async () => {
  const servers = [await start(), await start()];
  const piece = blob(Buffer.alloc(3_000_000, "y"));
  await Promise.all(servers.flatMap((server) => [0, 1].map(() => pushBlob(ctx, repositoryOf(server), piece))));
  expect(await damagedBlobs()).toEqual([]);
  for (const server of servers) expect(await repositoryOf(server).has(ctx, piece.descriptor)).toBe(true);
});

async function* killing(content: Uint8Array, server: KillableRegistry): Bytes {
  yield content.subarray(0, 3_000_000);
  await server.kill();
  yield content.subarray(3_000_000);
}
