import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { exportLayers, importLayers } from "../../../src/build/cache/imported-layers.ts";
import { LayerCache, type LayerCacheOptions } from "../../../src/build/cache/layer-cache.ts";
import { openBuildContext } from "../../../src/build/context/open-context.ts";
import { executeBuild, type BuiltImage } from "../../../src/build/execute.ts";
import { planBuild } from "../../../src/build/plan.ts";
import { LayerWriter } from "../../../src/build/write-layers.ts";
import { Progress, type ProgressEvent } from "../../../src/base/progress.ts";
import { parseKubefile } from "../../../src/kubefile/parse.ts";
import type { Compression } from "../../../src/oci/media-type.ts";
import { LayerRecords, type LayerRecord } from "../../../src/store/layer-records.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { AMD64, BuildScene } from "./build-scene.ts";

/** Later than the files by more than any clock's ticks. */
const LATER = (): number => Date.now() + 10_000;

interface Outcome {
  readonly image: BuiltImage;
  /** Titles of the layers that were in the cache. */
  readonly cached: readonly string[];
  readonly cache: LayerCache;
}

async function buildCached(
  scene: BuildScene,
  kubefile: string,
  { compression = "none", ...options }: Partial<LayerCacheOptions> & { compression?: Compression } = {},
): Promise<Outcome> {
  const events: ProgressEvent[] = [];
  const ctx = { signal: scene.ctx.signal, progress: Progress.root((event) => events.push(event), LATER) };
  const store = await scene.store();
  const cache = new LayerCache(store, { now: LATER, ...options });
  const plan = planBuild(parseKubefile(kubefile, "Kubefile"), { platform: AMD64, compression });
  const image = await executeBuild(ctx, plan, {
    store,
    layers: new LayerWriter(store, { compression, cache }),
    context: openBuildContext(scene.contextDirectory),
    buildContexts: new Map(),
    findImage: () => Promise.reject(new Error("No image is needed")),
  });
  await cache.save();
  return { image, cached: cachedTitles(events), cache };
}

function cachedTitles(events: readonly ProgressEvent[]): string[] {
  const ids = events.flatMap((event) => (event.type === "finished" && event.outcome === "cached" ? [event.id] : []));
  return events
    .flatMap((event) => (event.type === "started" && ids.includes(event.id) ? [event.title] : []))
    .toSorted();
}

const KUBEFILE = "FROM scratch\nCOPY a /a\nCOPY b /b\n";

test("executeBuild() makes only the layers again whose files have changed", async () => {
  await using scene = new BuildScene({ a: "a", b: "b" });
  const first = await buildCached(scene, KUBEFILE);
  expect(first.cached).toEqual([]);
  const second = await buildCached(scene, KUBEFILE);
  expect(second.cached).toEqual(["COPY a /a", "COPY b /b"]);
  expect(second.image.manifest).toEqual(first.image.manifest);
  scene.write("b", "B");
  const third = await buildCached(scene, KUBEFILE);
  expect(third.cached).toEqual(["COPY a /a"]);
  expect(third.image.layers[0]).toEqual(first.image.layers[0]);
  expect(third.image.layers[1]).not.toEqual(first.image.layers[1]);
});

test.each<Compression>(["none", "gzip", "zstd"])(
  "executeBuild() minds no times, with compression %s",
  async (compression) => {
    await using scene = new BuildScene({ a: "a", b: "b" });
    await buildCached(scene, KUBEFILE, { compression });
    utimesSync(join(scene.contextDirectory, "a"), 5, 5);
    renameSync(join(scene.contextDirectory, "b"), join(scene.contextDirectory, "b2"));
    scene.write("b", "b");
    expect((await buildCached(scene, KUBEFILE, { compression })).cached).toEqual(["COPY a /a", "COPY b /b"]);
    const other = compression === "none" ? "gzip" : "none";
    expect((await buildCached(scene, KUBEFILE, { compression: other })).cached).toEqual([]);
  },
);

test("executeBuild() reads no file of a cached layer", async () => {
  await using scene = new BuildScene({ a: Buffer.alloc(8_000_000), b: "b" });
  await buildCached(scene, KUBEFILE);
  const before = bytesRead();
  expect((await buildCached(scene, KUBEFILE)).cached).toHaveLength(2);
  expect(bytesRead() - before).toBeLessThan(1_000_000);
});

/** By this process so far: https://docs.kernel.org/filesystems/proc.html#proc-pid-io-display-the-io-accounting-fields */
function bytesRead(): number {
  return Number(/rchar: (\d+)/.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
}

test("executeBuild() minds modes", async () => {
  await using scene = new BuildScene({ a: "a", b: "b" });
  await buildCached(scene, KUBEFILE);
  chmodSync(join(scene.contextDirectory, "a"), 0o600);
  expect((await buildCached(scene, KUBEFILE)).cached).toEqual(["COPY b /b"]);
});

test("executeBuild() sees a change that leaves size and time as they were", async () => {
  await using scene = new BuildScene({ a: "a", b: "b" });
  const path = join(scene.contextDirectory, "a");
  utimesSync(path, 5, 5);
  await buildCached(scene, KUBEFILE);
  writeFileSync(path, "A");
  utimesSync(path, 5, 5);
  const { cached, image } = await buildCached(scene, KUBEFILE);
  expect(cached).toEqual(["COPY b /b"]);
  const { tree } = await scene.files(image);
  expect(tree.get("a")).toMatchObject({ sha256: "559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd" });
});

test("executeBuild() does not trust what the system says of a file that was changed just now", async () => {
  await using scene = new BuildScene({ a: "a", b: "b" });
  const changedMs = statSync(join(scene.contextDirectory, "a")).ctimeMs;
  const now = (): number => changedMs + 50;
  await buildCached(scene, KUBEFILE, { now });
  const [record] = await recordsOf(scene);
  expect(record?.keys).toHaveLength(1);
});

async function recordsOf(scene: BuildScene): Promise<readonly LayerRecord[]> {
  const names = readdirSync(join(scene.storeDirectory, "cache/build/layers")).map((name) => name.replace(".json", ""));
  const records = new LayerRecords(scene.storeDirectory);
  return (await Promise.all(names.map((topic) => records.find(topic)))).flat();
}

test("executeBuild() takes nothing from the cache when it must not, and puts all into it", async () => {
  await using scene = new BuildScene({ a: "a", b: "b" });
  expect((await buildCached(scene, KUBEFILE, { reads: false })).cached).toEqual([]);
  expect((await buildCached(scene, KUBEFILE)).cached).toHaveLength(2);
  expect((await buildCached(scene, KUBEFILE, { reads: false })).cached).toEqual([]);
});

test("executeBuild() makes layers again that are too old", async () => {
  await using scene = new BuildScene({ a: "a", b: "b" });
  await buildCached(scene, KUBEFILE);
  const inAMinute = { now: () => LATER() + 60_000 };
  expect((await buildCached(scene, KUBEFILE, { ...inAMinute, maxAgeMs: 120_000 })).cached).toHaveLength(2);
  expect((await buildCached(scene, KUBEFILE, { ...inAMinute, maxAgeMs: 50_000 })).cached).toEqual([]);
});

test("executeBuild() makes a layer again whose blob is gone, and prune forgets it", async () => {
  await using scene = new BuildScene({ a: "a", b: "b" });
  const { image } = await buildCached(scene, KUBEFILE);
  const store = await scene.store();
  const [first] = image.layers;
  if (first) rmSync(store.blobPath(first.digest));
  await store.prune(scene.ctx);
  expect(await recordsOf(scene)).toEqual([]);
  const again = await buildCached(scene, KUBEFILE);
  expect(again.cached).toEqual([]);
  expect(again.image.manifest).toEqual(image.manifest);
});

test("executeBuild() writes layers once that stages and lines have in common", async () => {
  await using scene = new BuildScene({ a: "a" });
  const kubefile = "FROM scratch AS x\nCOPY a /a\nFROM x\nCOPY a /b/\nFROM scratch\nCOPY a /a\nCOPY --from=x a /a\n";
  expect((await buildCached(scene, kubefile)).cached).toEqual(["COPY --from=x a /a"]);
});

test("exportLayers() lets another machine build without making layers", async () => {
  await using here = new BuildScene({ a: "a", b: "b" });
  await using there = new BuildScene({ a: "a", b: "c" });
  const { cache, image } = await buildCached(here, KUBEFILE, { exports: true, compression: "zstd" });
  const place = { target: new MemoryStore(), name: "latest", title: "cache" };
  await exportLayers(here.ctx, { layers: cache.layers, source: await here.store(), to: place });
  const imported = [await importLayers(there.ctx, place)];
  const built = await buildCached(there, KUBEFILE, { imported, compression: "zstd" });
  expect(built.cached).toEqual(["COPY a /a"]);
  expect(built.image.layers[0]).toEqual(image.layers[0]);
  expect((await buildCached(there, KUBEFILE, { compression: "zstd" })).cached).toHaveLength(2);
});

test("importLayers() finds nothing where there is no cache, and refuses an image", async () => {
  await using scene = new BuildScene({ a: "a" });
  const empty = await importLayers(scene.ctx, { target: new MemoryStore(), name: "latest", title: "cache" });
  expect(empty.layers.size).toBe(0);
  const { image } = await buildCached(scene, "FROM scratch\nCOPY a /a\n");
  const store = await scene.store();
  await store.tag(scene.ctx, image.manifest, "localhost/app:v1");
  await expect(
    importLayers(scene.ctx, { target: store, name: "localhost/app:v1", title: "localhost/app:v1" }),
  ).rejects.toThrow('Cannot use "localhost/app:v1" as build cache: it is an image');
});
