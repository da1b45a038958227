import { KnownError } from "../../base/error.ts";
import type { Chart } from "../../templates/helm/chart.ts";
import { ChartError } from "../../templates/helm/errors.ts";
import { templateChart, type RenderedChart, type TemplateChartOptions } from "../../templates/helm/template-chart.ts";
import { TemplateError } from "../../templates/error.ts";

/** A document that a chart gives. */
export interface ChartDocument {
  /** Of the template, with the names of the charts. */
  readonly path: string;
  readonly content: string;
}

export type RenderOptions = Pick<TemplateChartOptions, "values" | "releaseName" | "namespace">;

export interface ChartDocuments {
  readonly documents: readonly ChartDocument[];
  /** What failed, with the position in the template. */
  readonly failures: readonly string[];
}

const MAX_FAILURES = 32;
/** Go names the template that was rendered first, whatever it includes. */
const TEMPLATE = /(?:template: |parse error on |executing ")([^\s":]+\/templates\/[^\s":]+)/;

/** Renders all of a chart that can be rendered: a template that fails is left out, and the rest is rendered again. */
export function renderChartDocuments(chart: Chart, options: RenderOptions): ChartDocuments {
  const failures: string[] = [];
  let current = chart;
  while (failures.length < MAX_FAILURES) {
    try {
      return {
        documents: documentsOf(templateChart(current, { releaseName: chart.metadata.name, ...options })),
        failures,
      };
    } catch (error) {
      if (!(error instanceof KnownError)) throw error;
      failures.push(error.message);
      const reduced = error instanceof TemplateError || error instanceof ChartError ? without(current, error) : current;
      if (reduced === current) break;
      current = reduced;
    }
  }
  return { documents: [], failures };
}

/** Hooks and their tests run in the cluster, too. */
function documentsOf({ manifests, hooks, customResources }: RenderedChart): readonly ChartDocument[] {
  return [...customResources, ...manifests, ...hooks];
}

/** The chart without the template that an error names, or the same chart when it names none. */
function without(chart: Chart, { message }: Error): Chart {
  const path = TEMPLATE.exec(message)?.[1];
  if (path === undefined || /\/_[^/]*$/.test(path)) return chart;
  return withoutTemplate(chart, path.slice(path.indexOf("/") + 1));
}

function withoutTemplate(chart: Chart, path: string): Chart {
  const templates = chart.templates.filter(({ name }) => name !== path);
  if (templates.length < chart.templates.length) return { ...chart, templates };
  const rest = /^charts\/[^/]+\/(.+)$/.exec(path)?.[1];
  if (rest === undefined) return chart;
  const dependencies = chart.dependencies.map((dependency) => withoutTemplate(dependency, rest));
  const isChanged = dependencies.some((dependency, index) => dependency !== chart.dependencies[index]);
  return isChanged ? { ...chart, dependencies } : chart;
}
