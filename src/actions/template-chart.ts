import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";

import type { Context } from "../base/context.ts";
import { InputError, messageOf } from "../base/error.ts";
import type { ChartContent } from "../build/scan/chart-packages.ts";
import { bcryptHash } from "../registry/htpasswd.ts";
import type { Chart } from "../templates/helm/chart.ts";
import { ChartError } from "../templates/helm/errors.ts";
import { loadChart, loadPackagedChart } from "../templates/helm/load-chart.ts";
import { showOnly } from "../templates/helm/show-only.ts";
import { renderManifests, templateChart, type PrintOptions } from "../templates/helm/template-chart.ts";
import { loadValuesValidator } from "../templates/helm/validate-values.ts";
import { clusterFunctions } from "../templates/standard-functions.ts";
import { parseTemplate, renderTemplate } from "../templates/template.ts";
import { decodeBytes } from "../templates/value/bytes.ts";
import type { GoMap } from "../templates/value/value.ts";
import { readChartFolder, readChartPackage } from "./template-files.ts";
import { writeManifests } from "./template-output.ts";

export interface TemplateOptions extends PrintOptions {
  /** What a relative path starts from. */
  readonly workingDirectory: string;
  readonly releaseName: string;
  readonly namespace: string | undefined;
  readonly values: GoMap;
  readonly kubeVersion: string | undefined;
  readonly apiVersions: readonly string[];
  readonly isUpgrade: boolean;
  readonly skipsSchemas: boolean;
  /** Templates of the chart to print; empty: all. */
  readonly showOnly: readonly string[];
  /** Where the chart's files are written; absent: they are the result. */
  readonly outputFolder: string | undefined;
  /** What a template file sees as `.Env` and by `env`; charts see nothing of it. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * What a chart, packaged or a folder, or a single template file gives, as text to print. @throws {InputError, ChartError, TemplateError}
 */
export async function templatePath(ctx: Context, name: string, options: TemplateOptions): Promise<string> {
  const path = resolve(options.workingDirectory, name);
  const kind = await kindOf(path, name);
  if (kind === "file") return renderFile(decodeBytes(await readFile(path, { signal: ctx.signal })), name, options);
  const content = kind === "folder" ? await readChartFolder(ctx, path) : await readChartPackage(ctx, path);
  return renderChart(ctx, load(content, kind), options);
}

async function kindOf(path: string, name: string): Promise<"folder" | "package" | "file"> {
  try {
    if ((await stat(path)).isDirectory()) return "folder";
  } catch (error) {
    throw new InputError(`Cannot render "${name}": ${messageOf(error)}`, {
      hint: "Name a chart's folder, a packaged chart (.tgz), or a template file",
      cause: error,
    });
  }
  return /\.t(?:ar\.)?gz$/.test(path) ? "package" : "file";
}

function load({ files, packages }: ChartContent, kind: "folder" | "package"): Chart {
  const unpack = (archive: Uint8Array) => packages.get(archive) ?? new Map<string, Uint8Array>();
  return kind === "folder" ? loadChart(files, { unpack }) : loadPackagedChart(files, { unpack });
}

async function renderChart(ctx: Context, chart: Chart, options: TemplateOptions): Promise<string> {
  const { name, type } = chart.metadata;
  if (type === "library") throw new ChartError(`Cannot render chart "${name}": it is a library, not an application`);
  const validateValues = options.skipsSchemas ? undefined : await loadValuesValidator(chart);
  const rendered = templateChart(chart, { ...options, validateValues, sources: { bcrypt: bcryptHash } });
  if (options.outputFolder !== undefined) {
    return writeManifests(ctx, resolve(options.workingDirectory, options.outputFolder), { rendered, print: options });
  }
  const printed = renderManifests(rendered, options);
  return options.showOnly.length === 0 ? printed : showOnly(printed, options.showOnly);
}

/** The values at the top level and again under `.Values`, and the environment under `.Env`. */
function renderFile(text: string, name: string, { values, environment }: TemplateOptions): string {
  const functions = clusterFunctions({
    environment: new Map(Object.entries(environment)),
    bcrypt: bcryptHash,
  });
  const template = parseTemplate(text, { name, functions });
  return renderTemplate(template, { ...Object.fromEntries(values), Values: values, Env: environment });
}
