/**
 * Builds with the built command and with buildah, and compares both with what the work cannot go below on this machine:
 * `make build && node test/bench/build.ts [case…]`. Takes two minutes and 8 GB below the temporary folder.
 */
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { gzipBlocks } from "../../src/archive/compress-blocks.ts";
import { fileChunks } from "../../src/archive/file-chunks.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { openLocalTree } from "../../src/build/context/local-tree.ts";
import { walkTree } from "../../src/build/context/walk-tree.ts";
import { runMeasured, type Measured } from "./run-measured.ts";

const ROUNDS = 3;
const MEGABYTE = 1_000_000;
const SEALOS = join(import.meta.dirname, "../../bin/sealos");

const folder = mkdtempSync(join(tmpdir(), "bench-build-"));
const many = join(folder, "many");
const large = join(folder, "large");
const wanted = process.argv.slice(2);
let peakBytes = 0;

try {
  prepare();
  await measure("20,000 files, 92 MB", { goal: 15, ours: buildMany, theirs: budMany, floor: () => hashAll(many) });
  await measure("1.05 GB in 5 files", { goal: 15, ours: buildLarge, theirs: budLarge, floor: () => hashAll(large) });
  await measure("again, 1 KB changed", { goal: 10, ours: rebuild, theirs: rebud, floor: () => statAll(large) });
  await measure("1.05 GB to a gzip archive", { goal: 1.2, ours: buildGzip, theirs: pushGzip, floor: packAll });
  await measure("1.05 GB, zstd", { ours: buildZstd, floor: () => hashAll(large) });
  console.log(`peak memory ${Math.round(peakBytes / MEGABYTE)} MB, goal 250 MB`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

interface Comparison {
  /** How many times faster ours is to be. */
  readonly goal?: number;
  readonly ours: () => Promise<Measured>;
  readonly theirs?: () => number;
  readonly floor: () => Promise<void> | void;
}

async function measure(title: string, { goal, ours, theirs, floor }: Comparison): Promise<void> {
  if (wanted.length > 0 && !wanted.some((part) => title.includes(part))) return;
  const floors: number[] = [];
  const results: Measured[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    floors.push(await timed(floor));
    results.push(await ours());
  }
  const [best, lowest] = [Math.min(...results.map(({ seconds }) => seconds)), Math.min(...floors)];
  const peak = Math.max(...results.map((result) => result.peakBytes));
  peakBytes = Math.max(peakBytes, peak);
  const parts = [
    `${title}: ${best.toFixed(2)} s`,
    `floor ${lowest.toFixed(2)} s (${(best / lowest).toFixed(2)}x)`,
    `${Math.round(peak / MEGABYTE)} MB`,
  ];
  if (theirs) {
    const other = theirs();
    parts.push(`buildah ${other.toFixed(2)} s: ${(other / best).toFixed(1)}x, goal ${goal}x`);
  }
  console.log(parts.join(", "));
}

function prepare(): void {
  for (let index = 0; index < 20_000; index++) {
    write(join(many, String(index % 200), String(index)), randomBytes(4600));
  }
  const program = readFileSync(process.execPath);
  for (let index = 0; index < 5; index++) {
    const size = 210 * MEGABYTE;
    write(join(large, "big", String(index)), index < 3 ? partOf(program, index * size, size) : randomBytes(size));
  }
  change();
  write(join(folder, "Many"), "FROM scratch\nCOPY . /\n");
  write(join(folder, "Large"), "FROM scratch\nCOPY big /big\nCOPY small /small\n");
}

function change(): void {
  write(join(large, "small/file"), randomBytes(1024));
}

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** So many bytes of the program, from the start again after its end. */
function partOf(program: Buffer, position: number, sizeBytes: number): Buffer {
  const part = Buffer.alloc(sizeBytes);
  const start = position % program.byteLength;
  for (let done = program.copy(part, 0, start); done < sizeBytes;) done += program.copy(part, done);
  return part;
}

function buildMany(): Promise<Measured> {
  return buildNew("-f", join(folder, "Many"), many);
}

function buildLarge(): Promise<Measured> {
  return buildNew("-f", join(folder, "Large"), large);
}

function buildZstd(): Promise<Measured> {
  return buildNew("--compression", "zstd", "-f", join(folder, "Large"), large);
}

function buildGzip(): Promise<Measured> {
  const archive = `type=oci,dest=${join(folder, "image.tar")}`;
  return buildNew("--compression", "gzip", "-o", archive, "-f", join(folder, "Large"), large);
}

/** Into an empty store. */
function buildNew(...argv: readonly string[]): Promise<Measured> {
  rmSync(join(folder, "store"), { recursive: true, force: true });
  return sealos("build", "-q", "-t", "bench", ...argv);
}

async function rebuild(): Promise<Measured> {
  await sealos("build", "-q", "-t", "bench", "-f", join(folder, "Large"), large);
  change();
  return sealos("build", "-q", "-t", "bench", "-f", join(folder, "Large"), large);
}

function budMany(): number {
  return buildah("bud", "-q", "-t", "bench", "-f", join(folder, "Many"), many);
}

function budLarge(): number {
  return buildah("bud", "-q", "-t", "bench", "-f", join(folder, "Large"), large);
}

function rebud(): number {
  const argv = ["bud", "-q", "--layers", "-t", "bench", "-f", join(folder, "Large"), large] as const;
  buildah(...argv);
  change();
  return buildah(...argv);
}

function pushGzip(): number {
  budLarge();
  return buildah("push", "-q", "bench", `oci-archive:${join(folder, "pushed.tar")}`);
}

/** @returns seconds */
function buildah(...argv: readonly [command: string, ...string[]]): number {
  const storage = ["--root", join(folder, "root"), "--runroot", join(folder, "run"), "--storage-driver", "vfs"];
  const [command, ...rest] = argv;
  const isolation = command === "bud" ? ["--isolation", "chroot"] : [];
  const start = performance.now();
  execFileSync("buildah", [...storage, command, ...isolation, ...rest], { stdio: ["ignore", "ignore", "inherit"] });
  return (performance.now() - start) / 1000;
}

function sealos(...argv: readonly string[]): Promise<Measured> {
  return runMeasured(SEALOS, argv, { SEALOS_STORE: join(folder, "store"), SOURCE_DATE_EPOCH: "0" });
}

async function timed(work: () => Promise<void> | void): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function filesOf(directory: string): string[] {
  const entries = [...walkTree(openLocalTree(directory), "")];
  return entries.flatMap(([path, { type }]) => (type === "file" ? [join(directory, path)] : []));
}

/** Reading and hashing all bytes once, on one core. */
function hashAll(directory: string): void {
  const buffer = Buffer.alloc(1024 * 1024);
  const hash = createHash("sha256");
  for (const path of filesOf(directory)) {
    const descriptor = openSync(path, "r");
    for (let count = readSync(descriptor, buffer); count > 0; count = readSync(descriptor, buffer)) {
      hash.update(buffer.subarray(0, count));
    }
    closeSync(descriptor);
  }
}

/** Starting, and looking at all files. */
function statAll(directory: string): void {
  execFileSync(SEALOS, ["version"], { stdio: "ignore" });
  for (const path of filesOf(directory)) statSync(path);
}

/** Compressing all bytes once, on all cores. */
async function packAll(): Promise<void> {
  const ctx = backgroundContext();
  for (const path of filesOf(large)) {
    const content = fileChunks(ctx, { path, offset: 0, length: statSync(path).size });
    for await (const _ of gzipBlocks(content, 3));
  }
}
