import { fileChunks } from "../../archive/file-chunks.ts";
import { bytesOf, collect, type Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { InputError } from "../../base/error.ts";
import { ChartError } from "../../templates/helm/errors.ts";
import { childOf, type FileTree, type TreeEntry } from "../context/file-tree.ts";
import { walkTree } from "../context/walk-tree.ts";
import { unpackChart, unpackDependencies, withoutMark, type ChartContent } from "./chart-packages.ts";

const CHARTS_FOLDER = "charts";
const PACKAGE = /\.(?:tgz|tar\.gz)$/i;
const FILE_LIMIT_BYTES = 5 * 1024 * 1024;

/** A chart of a build context, read but not understood. */
export interface ChartSource {
  readonly kind: "folder" | "package";
  /** Of the folder or the package, in the build context. */
  readonly path: string;
  readonly content: ChartContent;
}

/**
 * Reads the charts that lie directly in `charts/`: folders and packages. What is neither, and what cannot be read, is
 * noted.
 */
export async function readCharts(
  ctx: Context,
  context: FileTree,
): Promise<{ readonly charts: readonly ChartSource[]; readonly notes: readonly string[] }> {
  const charts: ChartSource[] = [];
  const notes: string[] = [];
  for (const name of context.list(CHARTS_FOLDER)) {
    const path = childOf(CHARTS_FOLDER, name);
    const entry = context.find(path);
    try {
      if (entry?.type === "directory") {
        if (context.find(`${path}/Chart.yaml`)) charts.push(await readFolder(ctx, context, path));
        else notes.push(`${path} is no chart: it has no Chart.yaml`);
      } else if (entry?.type === "file" && PACKAGE.test(name)) charts.push(await readPackage(ctx, path, entry));
    } catch (error) {
      if (!(error instanceof ChartError || error instanceof InputError)) throw error;
      notes.push(`${path} is not looked at: ${error.message}`);
    }
  }
  return { charts, notes };
}

async function readFolder(ctx: Context, context: FileTree, path: string): Promise<ChartSource> {
  const files = new Map<string, Uint8Array>();
  for (const [file, entry] of walkTree(context, path)) {
    if (entry.type !== "file") continue;
    if (entry.size > FILE_LIMIT_BYTES) throw new ChartError(`"${file}" is too large`);
    files.set(file.slice(path.length + 1), await readBytes(ctx, entry));
  }
  return { kind: "folder", path, content: await unpackDependencies(ctx, files) };
}

async function readPackage(ctx: Context, path: string, entry: TreeEntry): Promise<ChartSource> {
  const files = await unpackChart(ctx, openEntry(ctx, entry));
  return { kind: "package", path, content: await unpackDependencies(ctx, files) };
}

async function readBytes(ctx: Context, entry: TreeEntry): Promise<Uint8Array> {
  return withoutMark(await collect(openEntry(ctx, entry), FILE_LIMIT_BYTES));
}

function openEntry(ctx: Context, { content }: TreeEntry): Bytes {
  if (content === undefined) return bytesOf(Buffer.alloc(0));
  return content instanceof Uint8Array ? bytesOf(content) : fileChunks(ctx, content);
}
