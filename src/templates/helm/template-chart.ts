import { FunctionError } from "../error.ts";
import { fixed, functionTable, mergeFunctions } from "../function.ts";
import type { FunctionTable } from "../function.ts";
import type { Sources } from "../sources.ts";
import { standardFunctions } from "../standard-functions.ts";
import { trimSpace } from "../sprig/characters.ts";
import { builtins } from "../text/builtins.ts";
import { decodeBytes } from "../value/bytes.ts";
import type { GoMap, Value } from "../value/value.ts";
import { Capabilities } from "./capabilities.ts";
import type { CapabilityOptions } from "./capabilities.ts";
import type { Chart } from "./chart.ts";
import { coalesceValues } from "./coalesce.ts";
import { processDependencies } from "./dependencies.ts";
import { renderTemplates } from "./engine.ts";
import { ChartError } from "./errors.ts";
import { sortManifests } from "./manifests.ts";
import type { Manifest } from "./manifests.ts";
import { isInRange } from "./metadata.ts";
import type { ValuesValidator } from "./validate-values.ts";

export interface TemplateChartOptions extends CapabilityOptions {
  readonly releaseName?: string | undefined;
  readonly namespace?: string | undefined;
  readonly isUpgrade?: boolean | undefined;
  /** What the user sets over the chart's defaults. */
  readonly values?: GoMap | undefined;
  readonly sources?: Partial<Sources> | undefined;
  /** Checks what the charts are given, as {@link loadValuesValidator} makes it; absent: schemas do not count. */
  readonly validateValues?: ValuesValidator | undefined;
}

/** What `helm template` makes of a chart. */
export interface RenderedChart {
  /** The files below crds/ of the chart and its sub-charts. */
  readonly customResources: readonly Pick<Manifest, "path" | "content">[];
  /** In install order. */
  readonly manifests: readonly Manifest[];
  readonly hooks: readonly Manifest[];
  readonly notes: string;
}

const NOTES = "NOTES.txt";

/** Renders a chart without a cluster. @throws {ChartError, TemplateError} */
export function templateChart(chart: Chart, options: TemplateChartOptions = {}): RenderedChart {
  const userValues = options.values ?? new Map<string, Value>();
  const capabilities = readCapabilities(options);
  const { version } = capabilities.kubeVersion;
  const { name, kubeVersion } = chart.metadata;
  if (kubeVersion !== "" && !isInRange(kubeVersion, version)) {
    throw new ChartError(`Cannot render chart "${name}": it requires Kubernetes ${kubeVersion}, found ${version}`);
  }
  requireDependencies(chart);
  const processed = processDependencies(chart, userValues);
  const values = coalesceValues(processed, userValues);
  options.validateValues?.(processed, values);
  const release = releaseObject(options);
  const functions = chartFunctions(options.sources);
  const files = renderTemplates(processed, { release, capabilities, values, functions });
  const notes = files.get(`${name}/templates/${NOTES}`) ?? "";
  const sorted = sortManifests(new Map([...files].filter(([path]) => !path.endsWith(NOTES))));
  return {
    customResources: customResourcesOf(processed, name),
    manifests: sorted.filter(({ hooks }) => hooks.length === 0),
    hooks: sorted.filter(({ hooks }) => hooks.length > 0),
    notes,
  };
}

function readCapabilities(options: CapabilityOptions): Capabilities {
  try {
    return new Capabilities(options);
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    throw new ChartError(`Cannot use Kubernetes version "${options.kubeVersion}": ${error.message}`, { cause: error });
  }
}

/** What Chart.yaml asks for has to lie in charts/, enabled or not. */
function requireDependencies({ metadata, dependencies }: Chart): void {
  const present = new Set(dependencies.map((dependency) => dependency.metadata.name));
  const missing = (metadata.dependencies ?? []).filter(({ name }) => !present.has(name)).map(({ name }) => name);
  if (missing.length === 0) return;
  throw new ChartError(`Cannot render chart "${metadata.name}": charts/ lacks ${missing.join(", ")}`, {
    hint: "Run `helm dependency build` on the chart and put what it fetches into charts/",
  });
}

function releaseObject({
  releaseName = "release-name",
  namespace = "default",
  isUpgrade = false,
}: TemplateChartOptions): GoMap {
  return new Map<string, Value>([
    ["Name", releaseName],
    ["Namespace", namespace],
    ["IsUpgrade", isUpgrade],
    ["IsInstall", !isUpgrade],
    ["Revision", 1n],
    ["Service", "Helm"],
  ]);
}

function chartFunctions(sources: Partial<Sources> = {}): FunctionTable {
  const functions = new Map(mergeFunctions(builtins, standardFunctions(sources), helmFunctions));
  functions.delete("env");
  functions.delete("expandenv");
  return functions;
}

const helmFunctions = functionTable({
  required: fixed(["string", "any"], (warning, value) => {
    if (value === null || value === undefined || value === "") throw new FunctionError(warning);
    return value;
  }),
  lookup: fixed(["string", "string", "string", "string"], () => new Map<string, Value>()),
  getHostByName: fixed(["string"], () => ""),
});

function customResourcesOf(chart: Chart, path: string): readonly Pick<Manifest, "path" | "content">[] {
  const own = chart.files
    .filter(({ name }) => /^crds\/.*\.(?:ya?ml|json)$/i.test(name))
    .map(({ name, data }) => ({ path: `${path}/${name}`, content: decodeBytes(data) }));
  return [
    ...own,
    ...chart.dependencies.flatMap((inner) => customResourcesOf(inner, `${path}/charts/${inner.metadata.name}`)),
  ];
}

export interface PrintOptions {
  readonly includesCustomResources?: boolean | undefined;
  readonly skipsTests?: boolean | undefined;
  readonly skipsHooks?: boolean | undefined;
}

/** What is printed of a chart: custom resources when they are asked for, manifests, hooks. */
export function printedManifests(chart: RenderedChart, options: PrintOptions = {}): readonly PrintedManifest[] {
  return [...mainManifests(chart, options), ...printedHooks(chart, options)];
}

/** The text that `helm template` prints. */
export function renderManifests(chart: RenderedChart, options: PrintOptions = {}): string {
  const main = mainManifests(chart, options).map(renderManifest).join("");
  return `${trimSpace(main)}\n${printedHooks(chart, options).map(renderManifest).join("")}`;
}

type PrintedManifest = Pick<Manifest, "path" | "content">;

function mainManifests(chart: RenderedChart, options: PrintOptions): readonly PrintedManifest[] {
  return [...(options.includesCustomResources ? chart.customResources : []), ...chart.manifests];
}

function printedHooks(chart: RenderedChart, options: PrintOptions): readonly PrintedManifest[] {
  if (options.skipsHooks) return [];
  return options.skipsTests ? chart.hooks.filter((hook) => !isTest(hook)) : chart.hooks;
}

function isTest({ hooks: events }: Manifest): boolean {
  return events.some((event) => event.startsWith("test"));
}

/** One document with its source. */
export function renderManifest({ path, content }: PrintedManifest): string {
  return `---\n# Source: ${path}\n${content}\n`;
}
