/**
 * What writing a layer costs beside its floor, reading and hashing the same files once on one core:
 * `node test/bench/layer.ts [compression…]`. The data is made once below the temporary folder and kept there.
 */
import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { LayerCompression } from "../../src/archive/compression.ts";
import { writeLayer } from "../../src/archive/layer-writer.ts";
import type { LayerEntry } from "../../src/archive/tar-entry.ts";
import { backgroundContext } from "../../src/base/context.ts";

const ROUNDS = 3;
const MEGABYTE = 1_000_000;

interface DataSet {
  readonly name: string;
  readonly files: number;
  readonly fileBytes: number;
}

const DATA_SETS: readonly DataSet[] = [
  { name: "5-large-programs", files: 5, fileBytes: 210 * MEGABYTE },
  { name: "20000-small-parts", files: 20_000, fileBytes: 4600 },
];

const folder = join(tmpdir(), "sealos-bench-layer");
const compressions = process.argv.slice(2).filter(isCompression);
for (const dataSet of DATA_SETS) {
  for (const compression of compressions.length > 0 ? compressions : (["none"] as const)) {
    await measure(dataSet, compression);
  }
}

async function measure(dataSet: DataSet, compression: LayerCompression): Promise<void> {
  const paths = prepare(dataSet);
  const destination = join(folder, "layer.tar");
  const floors: number[] = [];
  const layers: number[] = [];
  let size = 0;
  for (let round = 0; round < ROUNDS; round++) {
    floors.push(await timed(() => hashAll(paths)));
    rmSync(destination, { force: true });
    const summary = async (): Promise<void> => {
      size = (await writeLayer(backgroundContext(), layerEntries(dataSet, paths), { destination, compression })).size;
    };
    layers.push(await timed(summary));
  }
  rmSync(destination, { force: true });
  const [floor, layer] = [Math.min(...floors), Math.min(...layers)];
  console.log(
    `${dataSet.name} ${compression}: ${(size / MEGABYTE).toFixed(0)} MB in ${(layer / 1000).toFixed(2)} s, ` +
      `hashing alone ${(floor / 1000).toFixed(2)} s, ratio ${(layer / floor).toFixed(2)}, peak ${peakMemory()} MB`,
  );
}

/** Of this process so far. */
function peakMemory(): number {
  const kilobytes = /VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return Math.round((Number(kilobytes) * 1024) / MEGABYTE);
}

async function timed(work: () => Promise<void> | void): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function hashAll(paths: readonly string[]): void {
  const hash = createHash("sha256");
  const buffer = Buffer.alloc(1024 * 1024);
  for (const path of paths) {
    const descriptor = openSync(path, "r");
    for (let count = readSync(descriptor, buffer); count > 0; count = readSync(descriptor, buffer)) {
      hash.update(buffer.subarray(0, count));
    }
    closeSync(descriptor);
  }
  hash.digest();
}

function* layerEntries({ fileBytes }: DataSet, paths: readonly string[]): Generator<LayerEntry> {
  for (const path of paths) {
    const entry = { path: path.slice(folder.length + 1), mode: 0o644, uid: 0, gid: 0, mtime: 0, size: fileBytes };
    yield { entry: { ...entry, type: "file" }, content: { path, offset: 0, length: fileBytes } };
  }
}

/** Three files of a real program and two of noise, as packed layers in an image would be. */
function prepare({ name, files, fileBytes }: DataSet): string[] {
  const target = join(folder, name);
  const pathOf = (index: number): string => join(target, `${Math.floor(index / 50)}`, `file-${index}`);
  const paths = Array.from({ length: files }, (_, index) => pathOf(index));
  if (existsSync(target)) return paths;
  const program = readFileSync(process.execPath);
  const partial = `${target}.partial`;
  rmSync(partial, { recursive: true, force: true });
  for (const [index, path] of paths.entries()) {
    const file = path.replace(target, partial);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, index % 5 < 3 ? partOf(program, index * fileBytes, fileBytes) : randomBytes(fileBytes));
  }
  renameSync(partial, target);
  return paths;
}

/** So many bytes of the program, from the start again after its end. */
function partOf(program: Buffer, position: number, sizeBytes: number): Buffer {
  const part = Buffer.alloc(sizeBytes);
  const start = position % program.byteLength;
  for (let done = program.copy(part, 0, start); done < sizeBytes;) done += program.copy(part, done);
  return part;
}

function isCompression(text: string): text is LayerCompression {
  return text === "none" || text === "gzip" || text === "zstd";
}
