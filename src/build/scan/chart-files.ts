import type { Chart } from "../../templates/helm/chart.ts";
import type { ChartFiles } from "../../templates/helm/load-chart.ts";
import { decodeBytes } from "../../templates/value/bytes.ts";
import type { ChartSource } from "./chart-folders.ts";
import type { ImagePlace } from "./scanned-image.ts";
import type { ValuesText } from "./trace-values.ts";

const DEFAULTS = /^(?:charts\/[^/]+\/)*values\.yaml$/;

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
    const { kind, path, content } = this.#source;
    const own = kind === "folder" ? defaultsIn(content.files, `${path}/`) : packagedDefaults(content.files, path);
    const packaged = [...content.packages].map(([archive, files]) => {
      const name = [...content.files].find(([, data]) => data === archive)?.[0] ?? "";
      return packagedDefaults(files, `${path}${kind === "folder" ? "/" : "!"}${name}`);
    });
    return [...own, ...packaged.flat()];
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

/** Names in a package begin with the folder of the chart. */
function packagedDefaults(files: ChartFiles, path: string): readonly ValuesText[] {
  const [first = ""] = files.keys();
  const prefix = /^(?:\.\/)?[^/]+\//.exec(first)?.[0] ?? "";
  const inner = [...files].map(([name, data]) => [name.slice(prefix.length), data] as const);
  return defaultsIn(new Map(inner), `${path}!${prefix}`);
}

/** Every `values.yaml` of a chart and of the charts in its charts/. */
function defaultsIn(files: ChartFiles, prefix: string): readonly ValuesText[] {
  return [...files]
    .filter(([name]) => DEFAULTS.test(name))
    .sort(([a], [b]) => depthOf(a) - depthOf(b))
    .map(([name, data]) => ({ file: `${prefix}${name}`, text: decodeBytes(data) }));
}

function depthOf(name: string): number {
  return name.split("/").length;
}
