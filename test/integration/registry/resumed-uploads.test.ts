import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { collect } from "../../../src/base/bytes.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { copyGraph } from "../../../src/oci/copy-graph.ts";
import { verified } from "../../../src/oci/verify.ts";
import { BLOB_RETRY, RemoteRegistry } from "../../../src/registry/client/remote-registry.ts";
import { RemoteRepository } from "../../../src/registry/client/remote-repository.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { blob, pushBlob } from "../../support/test-image.ts";
import { runProgram } from "../cli/program.ts";
import { startCuttingProxy, type CuttingProxy } from "./cutting-proxy.ts";
import { startDockerRegistry } from "./docker-registry.ts";
import { killWhen } from "./kill-when.ts";
import { startOurRegistry } from "./our-registry.ts";

const MIB = 1024 * 1024;
const ctx = backgroundContext();
const retry = { ...BLOB_RETRY, firstDelayMs: 200 };
const large = blob(randomBytes(80 * MIB));
const closing: { close(): void | Promise<void> }[] = [];
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "resumed-uploads-test-"));
});

afterEach(async () => {
  for (const thing of closing.splice(0).toReversed()) await thing.close();
  await rm(root, { recursive: true, force: true });
});

async function openLine(
  start: () => Promise<{ readonly name: string; close(): Promise<void> }>,
): Promise<CuttingProxy> {
  const registry = await start();
  closing.push(registry);
  const line = await startCuttingProxy(registry.name);
  closing.push(line);
  return line;
}

function connect(name: string): RemoteRepository {
  const registry = new RemoteRegistry(name);
  closing.push(registry);
  return new RemoteRepository(registry, "library/web");
}

test("a blob goes on where our registry has it when its connection breaks", async () => {
  const line = await openLine(startOurRegistry);
  const from = new MemoryStore();
  await pushBlob(ctx, from, large);
  const to = connect(line.name);
  line.cutAfter(50 * MIB);
  await copyGraph(ctx, { from, to, root: large.descriptor }, { retry });
  expect(line.sentBytes()).toBeGreaterThan(80 * MIB);
  expect(line.sentBytes()).toBeLessThan(110 * MIB);
  const stored = verified(await to.fetch(ctx, large.descriptor), large.descriptor);
  expect((await collect(stored, large.descriptor.size)).equals(large.content)).toBe(true);
});

test("a blob reaches docker-registry in chunks over a line that never holds for all of it", async () => {
  const line = await openLine(startDockerRegistry);
  const from = new MemoryStore();
  await pushBlob(ctx, from, large);
  const to = connect(line.name);
  line.cutAfter(50 * MIB); // a chunk has 32 MiB
  await copyGraph(ctx, { from, to, root: large.descriptor }, { retry });
  const stored = verified(await to.fetch(ctx, large.descriptor), large.descriptor);
  expect((await collect(stored, large.descriptor.size)).equals(large.content)).toBe(true);
});

test("a push that was killed goes on where it was, and forgets what it remembered", async () => {
  const line = await openLine(startOurRegistry);
  await writeFile(join(root, "large"), large.content);
  await writeFile(join(root, "Kubefile"), "FROM scratch\nCOPY large /\n");
  const built = await runProgram(["build", "-q", "-t", "web", "."], { root });
  expect(built.exitCode).toBe(0);
  const push = ["push", "-q", "web", `${line.name}/library/web:v1`];
  line.stallAfter(40 * MIB);
  const killed = runProgram(push, {
    root,
    onStart: (kill) => closing.push(killWhen(() => line.sentBytes() >= 40 * MIB, kill)),
  });
  expect(await killed).toMatchObject({ exitCode: null });
  line.stallAfter(Number.POSITIVE_INFINITY);
  const before = line.sentBytes();
  expect(readdirSync(join(root, ".cache/sealos/uploads"))).toHaveLength(1);
  expect(await runProgram(push, { root })).toMatchObject({ exitCode: 0 });
  expect(line.sentBytes() - before).toBeLessThan(50 * MIB);
  expect(readdirSync(join(root, ".cache/sealos/uploads"))).toEqual([]);
  expect(await runProgram(["pull", "-q", `${line.name}/library/web:v1`], { root })).toMatchObject({ exitCode: 0 });
  expect(await runProgram(["fsck"], { root })).toMatchObject({ exitCode: 0 });
});
