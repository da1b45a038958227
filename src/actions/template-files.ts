import { createReadStream, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join } from "node:path";

import type { Context } from "../base/context.ts";
import { InputError, messageOf } from "../base/error.ts";
import { unpackChart, unpackDependencies, withoutMark, type ChartContent } from "../build/scan/chart-packages.ts";
import { ChartError } from "../templates/helm/errors.ts";

const MAX_DEPTH = 64;

/** Reads a chart's folder. Links are followed as long as they stay inside it. @throws {ChartError, InputError} */
export async function readChartFolder(ctx: Context, folder: string): Promise<ChartContent> {
  const files = new Map<string, Uint8Array>();
  const root = await realpath(folder);
  readFolder(ctx, { root, folder: root, prefix: "", files });
  return unpackDependencies(ctx, files);
}

/** Reads a packaged chart. @throws {ChartError, InputError} */
export async function readChartPackage(ctx: Context, path: string): Promise<ChartContent> {
  try {
    return await unpackDependencies(ctx, await unpackChart(ctx, createReadStream(path, { signal: ctx.signal })));
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

/** Charts are many small files: waiting for each would take longer than reading all of them. */
function readFolder(ctx: Context, { root, folder, prefix, files }: FolderWalk): void {
  if (prefix.split("/").length > MAX_DEPTH)
    throw new ChartError(`Cannot read chart "${root}": "${prefix}" is too deep`);
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    ctx.signal.throwIfAborted();
    const name = `${prefix}${entry.name}`;
    const named = join(folder, entry.name);
    const path = entry.isSymbolicLink() ? insidePath(root, named) : named;
    const details = entry.isSymbolicLink() ? statSync(path) : entry;
    if (details.isDirectory()) readFolder(ctx, { root, folder: path, prefix: `${name}/`, files });
    else if (details.isFile()) files.set(name, withoutMark(readFileSync(path)));
  }
}

/** The file that the path leads to in the end. @throws {ChartError} when that is outside of the chart. */
function insidePath(root: string, path: string): string {
  const real = resolveLink(root, path);
  if (real.startsWith(`${root}/`)) return real;
  throw new ChartError(`Cannot read chart "${root}": the link "${path}" leads out of it, to "${real}"`, {
    hint: "Copy what the link leads to into the chart",
  });
}

function resolveLink(root: string, path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw new ChartError(`Cannot read chart "${root}": ${messageOf(error)}`, { cause: error });
  }
}
