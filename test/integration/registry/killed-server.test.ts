import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Bytes } from "../../../src/base/bytes.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { RemoteRegistry } from "../../../src/registry/client/remote-registry.ts";
import { RemoteRepository } from "../../../src/registry/client/remote-repository.ts";
import { blob, pushBlob, pushImage, testImage } from "../../support/test-image.ts";

const SERVER = fileURLToPath(new URL("./serve-folder.ts", import.meta.url));
const ctx = backgroundContext();
let root = "";

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "killed-server-test-"));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

interface KillableServer {
  readonly repository: RemoteRepository;
  kill(): Promise<void>;
}

async function start(): Promise<KillableServer> {
  const server = spawn(process.execPath, [SERVER, root], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port]: readonly unknown[] = await once(server.stdout, "data");
  const name = `127.0.0.1:${String(port).trim()}`;
  const registry = new RemoteRegistry(name, { retry: { attempts: 1, firstDelayMs: 1 } });
  return {
    repository: new RemoteRepository(registry, "library/web"),
    async kill() {
      const ended = once(server, "exit");
      server.kill("SIGKILL");
      await ended;
      registry.close();
    },
  };
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
  await pushImage(ctx, first.repository, image);
  await first.repository.tag(ctx, image.manifest.descriptor, "v1");
  const large = blob(Buffer.alloc(5_000_000, "x"));

  const push = first.repository.push(ctx, large.descriptor, killing(large.content, first));
  await expect(push).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });

  const second = await start();
  try {
    expect(await damagedBlobs()).toEqual([]);
    expect(await second.repository.resolve(ctx, "v1")).toEqual(image.manifest.descriptor);
    for (const { descriptor } of image.blobs) expect(await second.repository.has(ctx, descriptor)).toBe(true);
    expect(await second.repository.has(ctx, large.descriptor)).toBe(false);
    await pushBlob(ctx, second.repository, large);
    expect(await second.repository.has(ctx, large.descriptor)).toBe(true);
  } finally {
    await second.kill();
  }
});

async function* killing(content: Uint8Array, server: KillableServer): Bytes {
  yield content.subarray(0, 3_000_000);
  await server.kill();
  yield content.subarray(3_000_000);
}
