import { decodeBytes } from "../value/bytes.ts";
import { FunctionError } from "../error.ts";
import type { GoMap } from "../value/value.ts";
import { readYaml } from "../yaml/read-yaml.ts";
import type { Chart, ChartFile } from "./chart.ts";
import { ChartError } from "./errors.ts";
import { filterIgnored } from "./ignore.ts";
import { parseMetadata } from "./metadata.ts";

/** File names below the chart's folder, with `/`, and what the files hold. */
export type ChartFiles = ReadonlyMap<string, Uint8Array>;

export interface LoadOptions {
  /** Unpacks a packaged chart that lies in charts/. Names in the result begin with the chart's folder. */
  readonly unpack?: ((archive: Uint8Array) => ChartFiles) | undefined;
}

/** Loads a chart from its folder's files, without those that .helmignore names. @throws {ChartError} */
export function loadChart(files: ChartFiles, options: LoadOptions = {}): Chart {
  return load(filterIgnored(files), options);
}

/** Loads a chart from the files of a package, whose names begin with the chart's folder. @throws {ChartError} */
export function loadPackagedChart(files: ChartFiles, options: LoadOptions = {}): Chart {
  return load(stripFolder(files), options);
}

function stripFolder(files: ChartFiles): ChartFiles {
  return new Map([...files].map(([name, data]) => [name.replace(/^(?:\.\/)?[^/]+\//, ""), data]));
}

function load(files: ChartFiles, options: LoadOptions): Chart {
  const chartFile = files.get("Chart.yaml");
  if (!chartFile) throw new ChartError("Cannot load a chart: Chart.yaml is missing");
  const document = new Map([
    ...readMap("Chart.yaml", chartFile),
    ...readMap("requirements.yaml", files.get("requirements.yaml")),
  ]);
  const metadata = parseMetadata(document);
  const rest = [...files].map(([name, data]): ChartFile => ({ name, data }));
  const isShown = ({ name }: ChartFile): boolean => isShownFile(name, metadata.apiVersion);
  return {
    metadata,
    values: readMap("values.yaml", files.get("values.yaml")),
    templates: rest.filter(({ name }) => name.startsWith("templates/")),
    files: rest.filter(isShown),
    schema: files.get("values.schema.json"),
    dependencies: loadDependencies(files, metadata.name, options),
  };
}

const RESERVED = ["Chart.yaml", "Chart.lock", "values.yaml", "values.schema.json"];

function isShownFile(name: string, apiVersion: string): boolean {
  if (RESERVED.includes(name) || name.startsWith("templates/")) return false;
  if (name === "requirements.yaml" || name === "requirements.lock") return apiVersion === "v1";
  return !name.startsWith("charts/") || name.endsWith(".prov");
}

function readMap(name: string, data: Uint8Array | undefined): GoMap {
  if (!data) return new Map();
  try {
    const value = readYaml(decodeBytes(data));
    if (value === null) return new Map();
    if (value instanceof Map) return value;
  } catch (error) {
    if (error instanceof FunctionError) throw new ChartError(`Cannot load ${name}: ${error.message}`, { cause: error });
    throw error;
  }
  throw new ChartError(`Cannot load ${name}: it holds no map`);
}

function loadDependencies(files: ChartFiles, parent: string, options: LoadOptions): readonly Chart[] {
  const folders = new Map<string, Map<string, Uint8Array>>();
  for (const [path, data] of files) {
    if (!path.startsWith("charts/") || path.endsWith(".prov")) continue;
    const [folder = "", ...rest] = path.slice("charts/".length).split("/");
    if (/^[_.]/.test(folder)) continue;
    const folderFiles = folders.get(folder) ?? new Map<string, Uint8Array>();
    folders.set(folder, folderFiles.set(rest.join("/"), data));
  }
  return [...folders].flatMap(([folder, folderFiles]) => loadDependency(folder, folderFiles, parent, options));
}

function loadDependency(folder: string, files: ChartFiles, parent: string, options: LoadOptions): readonly Chart[] {
  const archive = files.get("");
  try {
    if (archive && folder.endsWith(".tgz")) return [loadArchive(folder, archive, options)];
    const inner = new Map([...files].filter(([name]) => name !== ""));
    return inner.size === 0 ? [] : [load(inner, options)];
  } catch (error) {
    if (!(error instanceof ChartError)) throw error;
    throw new ChartError(`Cannot load chart "${folder}" in "${parent}": ${error.message}`, { cause: error });
  }
}

function loadArchive(name: string, archive: Uint8Array, options: LoadOptions): Chart {
  if (!options.unpack) throw new ChartError(`Cannot unpack "${name}": packaged charts are not supported here`);
  return loadPackagedChart(options.unpack(archive), options);
}
