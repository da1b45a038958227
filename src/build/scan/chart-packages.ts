import { bytesOf, collect, type Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { ChartError } from "../../templates/helm/errors.ts";
import type { ChartFiles } from "../../templates/helm/load-chart.ts";

/** As Helm limits them: a chart is text for people. */
const FILE_LIMIT_BYTES = 5 * 1024 * 1024;
const CHART_LIMIT_BYTES = 100 * 1024 * 1024;
const PACKAGED_CHART = /(?:^|\/)charts\/[^/]+\.tgz$/;

/** A chart's files in memory, and the files of the packages in its charts/ by the package's bytes. */
export interface ChartContent {
  readonly files: ChartFiles;
  readonly packages: ReadonlyMap<Uint8Array, ChartFiles>;
}

/** Unpacks the packages in the charts/ folders of a chart, and those in them. @throws {ChartError, InputError} */
export async function unpackDependencies(ctx: Context, files: ChartFiles): Promise<ChartContent> {
  const packages = new Map<Uint8Array, ChartFiles>();
  const queue = [files];
  for (let next = queue.shift(); next; next = queue.shift()) {
    for (const [name, data] of next) {
      if (!PACKAGED_CHART.test(name)) continue;
      const inner = await unpackChart(ctx, bytesOf(data));
      packages.set(data, inner);
      queue.push(inner);
    }
  }
  return { files, packages };
}

/** The files of a packaged chart; names begin with the chart's folder. @throws {ChartError, InputError} */
export async function unpackChart(ctx: Context, archive: Bytes): Promise<ChartFiles> {
  const [{ decompressDetected }, { readTar }] = await Promise.all([
    import("../../archive/decompress.ts"),
    import("../../archive/tar-reader.ts"),
  ]);
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
export function withoutMark(data: Uint8Array): Uint8Array {
  return data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf ? data.subarray(3) : data;
}
