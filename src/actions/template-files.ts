import { createReadStream } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";

import { decompressDetected } from "../archive/decompress.ts";
import { readTar } from "../archive/tar-reader.ts";
import { bytesOf, collect, type Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import { InputError, messageOf } from "../base/error.ts";
import { ChartError } from "../templates/helm/errors.ts";
import type { ChartFiles } from "../templates/helm/load-chart.ts";

/** As Helm limits them: a chart is text for people. */
const FILE_LIMIT_BYTES = 5 * 1024 * 1024;
const CHART_LIMIT_BYTES = 100 * 1024 * 1024;
const MAX_DEPTH = 64;
const PACKAGED_CHART = /(?:^|\/)charts\/[^/]+\.tgz$/;

/** A chart's files in memory, and the files of the packages in its charts/ by the package's bytes. */
export interface ChartContent {
  readonly files: ChartFiles;
  readonly packages: ReadonlyMap<Uint8Array, ChartFiles>;
}

/** Reads a chart's folder. Links are followed as long as they stay inside it. @throws {ChartError, InputError} */
export async function readChartFolder(ctx: Context, folder: string): Promise<ChartContent> {
  const files = new Map<string, Uint8Array>();
  const root = await realpath(folder);
  await readFolder(ctx, { root, folder: root, prefix: "", files });
  return withPackages(ctx, files);
}

/** Reads a packaged chart. @throws {ChartError, InputError} */
export async function readChartPackage(ctx: Context, path: string): Promise<ChartContent> {
  try {
    return await withPackages(ctx, await unpack(ctx, createReadStream(path, { signal: ctx.signal })));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new ChartError(`Cannot read chart "${path}": ${error.message}`, { cause: error });
  }
}

interface FolderWalk {
  readonly root: string;
  readonly folder: string;
  readonly prefix: string;
  readonly files: Map<string, Uint8Array>;
}

async function readFolder(ctx: Context, { root, folder, prefix, files }: FolderWalk): Promise<void> {
  if (prefix.split("/").length > MAX_DEPTH)
    throw new ChartError(`Cannot read chart "${root}": "${prefix}" is too deep`);
  const names = (await readdir(folder)).toSorted();
  for (const name of names) {
    ctx.signal.throwIfAborted();
    const path = await insidePath(root, join(folder, name));
    const details = await stat(path);
    if (details.isDirectory()) await readFolder(ctx, { root, folder: path, prefix: `${prefix}${name}/`, files });
    else if (details.isFile()) files.set(`${prefix}${name}`, withoutMark(await readFile(path)));
  }
}

/** The file that the path leads to in the end. @throws {ChartError} when that is outside of the chart. */
async function insidePath(root: string, path: string): Promise<string> {
  const real = await realpath(path).catch((error: unknown) => {
    throw new ChartError(`Cannot read chart "${root}": ${messageOf(error)}`, { cause: error });
  });
  if (real.startsWith(`${root}/`)) return real;
  throw new ChartError(`Cannot read chart "${root}": the link "${path}" leads out of it, to "${real}"`, {
    hint: "Copy what the link leads to into the chart",
  });
}

async function withPackages(ctx: Context, files: ChartFiles): Promise<ChartContent> {
  const packages = new Map<Uint8Array, ChartFiles>();
  const queue = [files];
  for (let next = queue.shift(); next; next = queue.shift()) {
    for (const [name, data] of next) {
      if (!PACKAGED_CHART.test(name)) continue;
      const inner = await unpack(ctx, bytesOf(data));
      packages.set(data, inner);
      queue.push(inner);
    }
  }
  return { files, packages };
}

async function unpack(ctx: Context, archive: Bytes): Promise<ChartFiles> {
  const files = new Map<string, Uint8Array>();
  let size = 0;
  for await (const { entry, content } of readTar(decompressDetected(archive))) {
    ctx.signal.throwIfAborted();
    if (entry.type !== "file") continue;
    size += entry.size;
    if (entry.size > FILE_LIMIT_BYTES || size > CHART_LIMIT_BYTES) {
      throw new ChartError(`Cannot unpack a chart: with "${entry.path}" it is too large`);
    }
    files.set(entry.path, withoutMark(await collect(content, FILE_LIMIT_BYTES)));
  }
  return files;
}

/** Without the byte order mark that some editors write. */
function withoutMark(data: Uint8Array): Uint8Array {
  return data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf ? data.subarray(3) : data;
}
