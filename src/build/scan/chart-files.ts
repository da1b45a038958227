import type { Chart } from "../../templates/helm/chart.ts";
import { decodeBytes } from "../../templates/value/bytes.ts";
import type { ChartSource } from "./chart-folders.ts";
import type { ImagePlace } from "./scanned-image.ts";
import type { ValuesText } from "./trace-values.ts";

const CHART_FILE = /(?:^|\/)Chart\.yaml$/;

/** Where the files of a chart are in the build context. */
export class ChartFileMap {
  readonly #source: ChartSource;
  readonly #texts = new Map<string, string>();
  readonly #realNames = new Map<string, string>();

  constructor(source: ChartSource, chart: Chart) {
    this.#source = source;
    this.#addTemplates(chart, chart.metadata.name);
  }

  /** @param path of a template, with the names of the charts, or of a file below crds/ */
  find(path: string): { readonly place: Pick<ImagePlace, "file" | "template">; readonly text: string | undefined } {
    const text = this.#texts.get(path);
    const inner = (this.#realNames.get(path) ?? path).replace(/^[^/]+\//, "");
    const { kind, path: chartPath, content } = this.#source;
    if (kind === "folder" && content.files.has(inner)) return { place: { file: `${chartPath}/${inner}` }, text };
    return { place: { file: chartPath, template: path }, text };
  }

  /** The default values of the chart and of those in it, the outer ones first. */
  values(): readonly ValuesText[] {
    const { kind, path: chartPath, content } = this.#source;
    const root = kind === "folder" ? "" : ([...content.files.keys()].find((name) => CHART_FILE.test(name)) ?? "");
    const prefix = root.replace(CHART_FILE, "");
    return [...content.files]
      .filter(([name]) => /(?:^|\/)values\.yaml$/.test(name) && isChartFolder(name, prefix))
      .sort(([a], [b]) => depthOf(a) - depthOf(b))
      .map(([name, data]) => ({
        file: kind === "folder" ? `${chartPath}/${name}` : chartPath,
        text: decodeBytes(data),
      }));
  }

  /** A chart's templates are found by its name and by its aliases. */
  #addTemplates(chart: Chart, path: string, realPath: string = path): void {
    for (const { name, data } of [...chart.templates, ...chart.files.filter(({ name }) => name.startsWith("crds/"))]) {
      this.#texts.set(`${path}/${name}`, decodeBytes(data));
      this.#realNames.set(`${path}/${name}`, `${realPath}/${name}`);
    }
    for (const dependency of chart.dependencies) {
      const { name } = dependency.metadata;
      const aliases = (chart.metadata.dependencies ?? []).filter((wanted) => wanted.name === name && wanted.alias);
      for (const alias of [name, ...aliases.map(({ alias }) => alias)]) {
        this.#addTemplates(dependency, `${path}/charts/${alias}`, `${realPath}/charts/${name}`);
      }
    }
  }
}

function depthOf(name: string): number {
  return name.split("/").length;
}

/** `values.yaml` of the chart itself or of one in its charts/, and no file of that name elsewhere. */
function isChartFolder(name: string, prefix: string): boolean {
  const inner = prefix !== "" && name.startsWith(`${prefix}/`) ? name.slice(prefix.length + 1) : name;
  return /^(?:charts\/[^/]+\/)*values\.yaml$/.test(inner);
}
