import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import type { Bytes } from "../../../src/base/bytes.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { copyGraph } from "../../../src/oci/copy-graph.ts";
import { BLOB_RETRY, RemoteRegistry } from "../../../src/registry/client/remote-registry.ts";
import { RemoteRepository } from "../../../src/registry/client/remote-repository.ts";
import type { RegistryHandler } from "../../../src/registry/server/registry.ts";
import { ImageStore } from "../../../src/store/image-store.ts";
import { checkStore } from "../../../src/store/fsck.ts";
import { randomNumbers } from "../../support/random-numbers.ts";
import { blob, pushImage, testImage } from "../../support/test-image.ts";
import { runProgram } from "../cli/program.ts";
import { startCuttingProxy } from "./cutting-proxy.ts";
import { killWhen } from "./kill-when.ts";
import { startOurRegistry, type OurRegistry } from "./our-registry.ts";

const MIB = 1024 * 1024;
const ctx = backgroundContext();
const closing: { close(): void | Promise<void> }[] = [];
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fault-runs-test-"));
});

afterEach(async () => {
  for (const thing of closing.splice(0).toReversed()) await thing.close();
  await rm(root, { recursive: true, force: true });
});

async function start(wrap?: (handler: RegistryHandler) => RegistryHandler): Promise<OurRegistry> {
  const registry = await startOurRegistry(wrap ? { wrap } : {});
  closing.push(registry);
  return registry;
}

function connect(name: string): RemoteRepository {
  const registry = new RemoteRegistry(name, { retry: { attempts: 6, firstDelayMs: 1 } });
  closing.push(registry);
  return new RemoteRepository(registry, "library/web");
}

async function* brokenOff(content: Bytes): Bytes {
  for await (const chunk of content) {
    yield chunk.subarray(0, chunk.byteLength / 2);
    throw new Error("the line broke");
  }
}

/** One request in ten is refused or its answer breaks off; how, is the same for the same seed. */
function faulty(seed: number): (handler: RegistryHandler) => RegistryHandler {
  const next = randomNumbers(seed);
  return (handler) => async (inner, request) => {
    const fault = request.path === "/v2/" ? 1 : next();
    if (fault < 0.02) return { status: 429, headers: { "retry-after": "0" } };
    if (fault < 0.05) return { status: 500, headers: {} };
    if (fault < 0.07) return { status: 503, headers: {} };
    const response = await handler(inner, request);
    const { body } = response;
    if (fault > 0.1 || body === undefined || body instanceof Uint8Array) return response;
    return { ...response, body: { ...body, content: brokenOff(body.content) } };
  };
}

test.each([1, 2, 3])(
  "images are copied whole from and to registries that fail one request in ten (seed %i)",
  async (seed) => {
    const quiet = await start();
    const source = connect(quiet.name);
    const images = Array.from({ length: 10 }, (_, image) =>
      testImage(...Array.from({ length: 4 }, (__, layer) => `${image}/${layer}`.repeat(5000))),
    );
    for (const image of images) await pushImage(ctx, source, image);
    const from = await startOurRegistry({ root: quiet.root, wrap: faulty(seed) });
    closing.push(from);
    const to = await start(faulty(seed + 100));
    const store = await ImageStore.open(ctx, join(root, "store"));
    const retry = { ...BLOB_RETRY, firstDelayMs: 1 };
    for (const { manifest } of images) {
      await copyGraph(ctx, { from: connect(from.name), to: store, root: manifest.descriptor }, { retry });
      await store.keep(ctx, manifest.descriptor);
      await copyGraph(ctx, { from: store, to: connect(to.name), root: manifest.descriptor }, { retry });
    }
    expect(await checkStore(ctx, store.root)).toMatchObject({ damages: [], blobs: 60 });
    const again = await ImageStore.open(ctx, join(root, "again"));
    for (const { manifest } of images) {
      await copyGraph(ctx, { from: connect(to.name), to: again, root: manifest.descriptor }, { retry });
      await again.keep(ctx, manifest.descriptor);
    }
    expect(await checkStore(ctx, again.root)).toMatchObject({ damages: [], blobs: 60 });
  },
);

test("a registry that forgets an upload gets the blob anew", async () => {
  let forgets = 1;
  const { name, log } = await start((handler) => async (inner, request) => {
    if (request.method !== "PUT" || !request.path.includes("/blobs/uploads/") || forgets-- <= 0)
      return handler(inner, request);
    for await (const _ of request.body);
    return { status: 404, headers: {}, body: Buffer.from('{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}') };
  });
  const from = await ImageStore.open(ctx, join(root, "store"));
  const piece = blob("content");
  await from.push(
    ctx,
    piece.descriptor,
    (async function* () {
      yield piece.content;
    })(),
  );
  const retry = { ...BLOB_RETRY, firstDelayMs: 1 };
  await copyGraph(ctx, { from, to: connect(name), root: piece.descriptor }, { retry });
  expect(log.filter((line) => line.startsWith("POST"))).toHaveLength(2);
});

test("a registry that says 429 is asked less at once, and everything arrives", async () => {
  let running = 0;
  let most = 0;
  let refusals = 3;
  const { name, log } = await start((handler) => async (inner, request) => {
    if (!request.path.includes("/blobs/sha256")) return handler(inner, request);
    if (refusals-- > 0) return { status: 429, headers: { "retry-after": "0" } };
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
    return handler(inner, request);
  });
  const repository = connect(name);
  const pieces = Array.from({ length: 60 }, (_, index) => blob(`piece ${index}`).descriptor);
  expect(await Promise.all(pieces.map((piece) => repository.has(ctx, piece)))).toEqual(pieces.map(() => false));
  expect(most).toBeLessThan(16);
  expect(log.filter((line) => line === "GET /v2/ 200")).toHaveLength(1); // all found out together where it is
});

async function publish(registry: OurRegistry, sizeBytes: number): Promise<string> {
  await mkdir(join(root, "outside/context"), { recursive: true });
  await writeFile(join(root, "outside/context/large"), randomBytes(sizeBytes));
  await writeFile(join(root, "outside/context/Kubefile"), "FROM scratch\nCOPY large /\n");
  const outside = join(root, "outside");
  const name = `${registry.name}/library/web:v1`;
  expect(await runProgram(["build", "-q", "-t", "web", "context"], { root: outside })).toMatchObject({ exitCode: 0 });
  expect(await runProgram(["push", "-q", "web", name], { root: outside })).toMatchObject({ exitCode: 0 });
  return "library/web:v1";
}

test("a pull that was killed goes on by range, and the store is whole", async () => {
  const registry = await start();
  const image = await publish(registry, 80 * MIB);
  const line = await startCuttingProxy(registry.name);
  closing.push(line);
  line.stallAnswersAfter(40 * MIB);
  const pull = ["pull", "-q", `${line.name}/${image}`];
  const killed = runProgram(pull, {
    root,
    onStart: (kill) => closing.push(killWhen(() => line.receivedBytes() >= 40 * MIB, kill)),
  });
  expect(await killed).toMatchObject({ exitCode: null });
  expect(await runProgram(["fsck"], { root })).toMatchObject({ exitCode: 0 });
  line.stallAnswersAfter(Number.POSITIVE_INFINITY);
  const before = line.receivedBytes();
  expect(await runProgram(pull, { root })).toMatchObject({ exitCode: 0, stderr: "" });
  expect(line.receivedBytes() - before).toBeLessThan(50 * MIB);
  expect(await runProgram(["fsck"], { root })).toMatchObject({ exitCode: 0 });
}, 60_000);

test("two pulls of one image at once fetch each blob once", async () => {
  const registry = await start();
  const image = await publish(registry, 20 * MIB);
  const before = registry.log.length;
  const pull = ["pull", "-q", `${registry.name}/${image}`];
  const both = await Promise.all([runProgram(pull, { root }), runProgram(pull, { root })]);
  for (const each of both) expect(each).toMatchObject({ exitCode: 0, stderr: "" });
  const blobs = registry.log.slice(before).filter((entry) => /^GET .*\/blobs\/.* 20[06]$/.test(entry));
  const large = blobs.filter((entry, index) => blobs.indexOf(entry) !== index);
  expect(large.length).toBeLessThanOrEqual(1); // the small configuration may come twice
  expect(await runProgram(["fsck"], { root })).toMatchObject({ exitCode: 0 });
}, 60_000);

test("a second push of an unchanged image sends no more than 20 KB", async () => {
  const registry = await start();
  await publish(registry, 20 * MIB);
  const line = await startCuttingProxy(registry.name);
  closing.push(line);
  const push = ["push", "-q", "web", `${line.name}/library/web:v1`];
  expect(await runProgram(push, { root: join(root, "outside") })).toMatchObject({ exitCode: 0 });
  expect(line.sentBytes()).toBeLessThan(20_000);
}, 60_000);
