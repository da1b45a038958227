// Builds two images and compares with reading and hashing the same bytes once: `node test/bench/build.ts`.
import { createHash, randomBytes } from "node:crypto";
import { closeSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { backgroundContext } from "../../src/base/context.ts";
import { renderDuration } from "../../src/base/text.ts";
import { openBuildContext } from "../../src/build/context/open-context.ts";
import { openLocalTree } from "../../src/build/context/local-tree.ts";
import { walkTree } from "../../src/build/context/walk-tree.ts";
import { executeBuild } from "../../src/build/execute.ts";
import { planBuild } from "../../src/build/plan.ts";
import { parseKubefile } from "../../src/kubefile/parse.ts";
import { ImageStore } from "../../src/store/image-store.ts";

const ROUNDS = 5;
const CASES = [
  { title: "110 files, 600 MB, 2 COPY", files: 110, sizeBytes: 5_450_000, kubefile: "COPY 0 0\nCOPY 1 1\n" },
  { title: "20,000 files, 92 MB, 1 COPY", files: 20_000, sizeBytes: 4600, kubefile: "COPY . .\n" },
];

const buffer = Buffer.alloc(1024 * 1024);

function makeFiles(folder: string, { files, sizeBytes }: { files: number; sizeBytes: number }): void {
  for (let index = 0; index < files; index++) {
    const place = join(folder, String(index % 2), String(index % 200));
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, String(index)), randomBytes(sizeBytes));
  }
}

function hashFiles(folder: string): void {
  const hash = createHash("sha256");
  for (const [path, { type }] of walkTree(openLocalTree(folder), "")) {
    if (type !== "file") continue;
    const descriptor = openSync(join(folder, path), "r");
    for (let count = readSync(descriptor, buffer); count > 0; count = readSync(descriptor, buffer)) {
      hash.update(buffer.subarray(0, count));
    }
    closeSync(descriptor);
  }
}

async function build(context: string, storeFolder: string, kubefile: string): Promise<void> {
  const ctx = backgroundContext();
  await using store = await ImageStore.open(ctx, storeFolder);
  const plan = planBuild(parseKubefile(`FROM scratch\n${kubefile}`, "Kubefile"), {
    platform: { os: "linux", architecture: "amd64" },
  });
  await executeBuild(ctx, plan, {
    store,
    context: openBuildContext(context),
    buildContexts: new Map(),
    findImage: () => Promise.reject(new Error("No image is needed")),
  });
}

async function timed(work: () => Promise<void> | void): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

for (const { title, kubefile, ...shape } of CASES) {
  const folder = mkdtempSync(join(tmpdir(), "bench-build-"));
  const context = join(folder, "context");
  const hashMs: number[] = [];
  const buildMs: number[] = [];
  try {
    makeFiles(context, shape);
    for (let round = 0; round < ROUNDS; round++) {
      const store = join(folder, "store");
      hashMs.push(await timed(() => hashFiles(context)));
      buildMs.push(await timed(() => build(context, store, kubefile)));
      rmSync(store, { recursive: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const [floor, best] = [Math.min(...hashMs), Math.min(...buildMs)];
  const ratio = (best / floor).toFixed(2);
  console.log(`${title}: build ${renderDuration(best)}, hash once ${renderDuration(floor)}, ratio ${ratio}`);
}
console.log(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1000)} MB`);
