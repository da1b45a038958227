import type { Context } from "../../base/context.ts";
import { KnownError } from "../../base/error.ts";
import type { Chart } from "../../templates/helm/chart.ts";
import { loadChart, loadPackagedChart } from "../../templates/helm/load-chart.ts";
import { mergeValues } from "../../templates/helm/merge-values.ts";
import type { GoMap } from "../../templates/value/value.ts";
import type { FileTree } from "../context/file-tree.ts";
import { readText } from "../context/read-text.ts";
import { ChartFileMap } from "./chart-files.ts";
import { readCharts, type ChartSource } from "./chart-folders.ts";
import { findLineMark, withLineMarks } from "./line-marks.ts";
import { renderChartDocuments, type ChartDocument, type ChartDocuments } from "./render-chart.ts";
import type { ImagePlace, Mention } from "./scanned-image.ts";
import { traceLine } from "./trace-line.ts";
import { ValuesIndex, type ValuesText } from "./trace-values.ts";
import { findYamlImages } from "./yaml-images.ts";

export interface ChartMentions {
  readonly mentions: readonly Mention[];
  readonly notes: readonly string[];
}

/**
 * The images that the charts in `charts/` give, rendered with their own values and those of `charts/NAME.values.yaml`.
 * Where a template cannot be rendered, a note says why, and the chart's values are looked through for images.
 */
export async function findChartImages(ctx: Context, context: FileTree): Promise<ChartMentions> {
  const { charts, notes } = await readCharts(ctx, context);
  const found = charts.map((source) => {
    ctx.signal.throwIfAborted();
    return findInChart(context, source);
  });
  return {
    mentions: found.flatMap(({ mentions }) => mentions),
    notes: [...notes, ...found.flatMap(({ notes }) => notes)],
  };
}

function findInChart(context: FileTree, source: ChartSource): ChartMentions {
  try {
    const chart = load(source);
    const shipped = shippedValues(context, chart);
    const files = new ChartFileMap(source, chart);
    const { documents, failures } = render(chart, toMap(shipped));
    const values = new ValuesIndex([...shipped, ...files.values()]);
    const rendered = documents.flatMap((document) => findInDocument(document, { files, values, chart }));
    return {
      mentions: [...rendered, ...(failures.length === 0 ? [] : findInValues([...shipped, ...files.values()], chart))],
      notes: failures.map((failure) => `${source.path}: ${failure}; images were looked for in its values instead`),
    };
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    return { mentions: [], notes: [`${source.path} is not looked at: ${error.message}`] };
  }
}

function render(chart: Chart, values: GoMap): ChartDocuments {
  const marked = renderChartDocuments(withLineMarks(chart), values);
  return marked.failures.length === 0 ? marked : renderChartDocuments(chart, values);
}

function load({ kind, content: { files, packages } }: ChartSource): Chart {
  const unpack = (archive: Uint8Array) => packages.get(archive) ?? new Map<string, Uint8Array>();
  return kind === "folder" ? loadChart(files, { unpack }) : loadPackagedChart(files, { unpack });
}

/** The values that the image ships beside the chart. */
function shippedValues(context: FileTree, { metadata }: Chart): readonly ValuesText[] {
  const file = `charts/${metadata.name}.values.yaml`;
  const entry = context.find(file);
  return entry?.type === "file" ? [{ file, text: readText(entry) }] : [];
}

function toMap(shipped: readonly ValuesText[]): GoMap {
  const none = { set: [], setString: [], setJson: [], setLiteral: [], setFile: [], filesToSet: new Map() };
  return mergeValues({ ...none, files: shipped.map(({ file, text }) => ({ name: file, data: Buffer.from(text) })) });
}

interface ChartScan {
  readonly files: ChartFileMap;
  readonly values: ValuesIndex;
  readonly chart: Chart;
}

function findInDocument({ path, content }: ChartDocument, { files, values, chart }: ChartScan): readonly Mention[] {
  const { place, text: template } = files.find(path);
  const lines = content.split("\n");
  return findYamlImages(content).map((image): Mention => {
    const { text } = image;
    const traced = values.find(text);
    const marked = findLineMark(lines[image.line - 1] ?? "");
    const line = marked ?? (template === undefined ? undefined : traceLine(text, template, traced?.names));
    return { text, place: placeOf(place, { line, chart, values: traced }) };
  });
}

function placeOf(
  place: ImagePlace,
  { line, chart, values }: { line: number | undefined; chart: Chart; values: ImagePlace["values"] },
): ImagePlace {
  return {
    ...place,
    ...(line === undefined ? {} : { line }),
    chart: chart.metadata.name,
    ...(values === undefined ? {} : { values: { file: values.file, line: values.line } }),
  };
}

function findInValues(texts: readonly ValuesText[], { metadata }: Chart): readonly Mention[] {
  const appVersion = metadata.document.get("appVersion");
  const defaultTag = typeof appVersion === "string" ? appVersion : undefined;
  return texts.flatMap(({ file, text }) =>
    findYamlImages(text, { defaultTag }).map(({ text, line }) => ({
      text,
      place: { file, line, chart: metadata.name },
    })),
  );
}
