import type { Context } from "../../base/context.ts";
import { KnownError } from "../../base/error.ts";
import type { Chart } from "../../templates/helm/chart.ts";
import { loadChart, loadPackagedChart } from "../../templates/helm/load-chart.ts";
import type { FileTree } from "../context/file-tree.ts";
import { ChartFileMap } from "./chart-files.ts";
import { chartInputs, type ChartInput } from "./chart-inputs.ts";
import { readCharts, type ChartSource } from "./chart-folders.ts";
import { findHelmCommands, type HelmCommand, type ImageSettings } from "./helm-commands.ts";
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
 * The images that the charts in `charts/` give, rendered with their own values and those of `charts/NAME.values.yaml`,
 * and again with what each helm command of the image sets. Where a template cannot be rendered, a note says why, and the
 * chart's values are looked through for images.
 */
export async function findChartImages(
  ctx: Context,
  context: FileTree,
  settings: ImageSettings,
): Promise<ChartMentions> {
  const { charts, notes } = await readCharts(ctx, context);
  const commands = charts.length === 0 ? [] : findHelmCommands(context, settings);
  const found = charts.map((source) => {
    ctx.signal.throwIfAborted();
    return findInChart(context, source, commands);
  });
  return {
    mentions: found.flatMap(({ mentions }) => mentions),
    notes: [...new Set([...notes, ...found.flatMap(({ notes }) => notes)])],
  };
}

function findInChart(context: FileTree, source: ChartSource, commands: readonly HelmCommand[]): ChartMentions {
  try {
    const chart = load(source);
    const found = chartInputs(context, { chart, source, commands }).map((input) => findWith(input, { chart, source }));
    return {
      mentions: found.flatMap(({ mentions }) => mentions),
      notes: found.flatMap(({ notes }) => notes),
    };
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    return { mentions: [], notes: [`${source.path} is not looked at: ${error.message}`] };
  }
}

function findWith(input: ChartInput, { chart, source }: { chart: Chart; source: ChartSource }): ChartMentions {
  const files = new ChartFileMap(source, chart);
  const texts = [...input.texts, ...files.values()];
  const { documents, failures } = render(chart, input);
  const values = new ValuesIndex(texts);
  const rendered = documents.flatMap((document) => findInDocument(document, { files, values, chart }));
  return {
    mentions: [...rendered, ...(failures.length === 0 ? [] : findInValues(texts, chart))],
    notes: failures.map((failure) => `${source.path}: ${failure}; images were looked for in its values instead`),
  };
}

function render(chart: Chart, input: ChartInput): ChartDocuments {
  const marked = renderChartDocuments(withLineMarks(chart), input);
  return marked.failures.length === 0 ? marked : renderChartDocuments(chart, input);
}

function load({ kind, content: { files, packages } }: ChartSource): Chart {
  const unpack = (archive: Uint8Array) => packages.get(archive) ?? new Map<string, Uint8Array>();
  return kind === "folder" ? loadChart(files, { unpack }) : loadPackagedChart(files, { unpack });
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
