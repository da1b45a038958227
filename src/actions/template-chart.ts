import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";

import type { Context } from "../base/context.ts";
import { InputError, messageOf } from "../base/error.ts";
import type { ChartContent } from "../build/scan/chart-packages.ts";
import type { Chart } from "../templates/helm/chart.ts";
import { ChartError } from "../templates/helm/errors.ts";
import { loadChart, loadPackagedChart } from "../templates/helm/load-chart.ts";
import { showOnly } from "../templates/helm/show-only.ts";
import { renderManifests, templateChart, type PrintOptions } from "../templates/helm/template-chart.ts";
import { loadValuesValidator } from "../templates/helm/validate-values.ts";
import type { Sources } from "../templates/sources.ts";
import { clusterFunctions } from "../templates/standard-functions.ts";
import { parseTemplate, renderTemplate } from "../templates/template.ts";
import { decodeBytes } from "../templates/value/bytes.ts";
import type { GoMap } from "../templates/value/value.ts";
import { readChartFolder, readChartPackage } from "./template-files.ts";

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
  return renderChart(ctx, load(content, kind), { ...options, bcrypt: await loadBcrypt(content, options) });
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

/** Loading it takes a tenth of the time of a whole chart: only for those that may call it. */
async function loadBcrypt({ files, packages }: ChartContent, { values }: TemplateOptions): Promise<Sources["bcrypt"]> {
  const contents = [files, ...packages.values()].flatMap((each) => [...each.values()]);
  if (values.size === 0 && !contents.some(mentionsBcrypt)) return undefined;
  return (await import("../registry/htpasswd.ts")).bcryptHash;
}

function mentionsBcrypt({ buffer, byteOffset, byteLength }: Uint8Array): boolean {
  const content = Buffer.from(buffer, byteOffset, byteLength);
  return content.includes("bcrypt") || content.includes("htpasswd");
}

async function renderChart(
  ctx: Context,
  chart: Chart,
  { bcrypt, ...options }: TemplateOptions & Pick<Sources, "bcrypt">,
): Promise<string> {
  const { name, type } = chart.metadata;
  if (type === "library") throw new ChartError(`Cannot render chart "${name}": it is a library, not an application`);
  const validateValues = options.skipsSchemas ? undefined : await loadValuesValidator(chart);
  const rendered = templateChart(chart, { ...options, validateValues, sources: { bcrypt } });
  if (options.outputFolder !== undefined) {
    const { writeManifests } = await import("./template-output.ts");
    return writeManifests(ctx, resolve(options.workingDirectory, options.outputFolder), { rendered, print: options });
  }
  const printed = renderManifests(rendered, options);
  return options.showOnly.length === 0 ? printed : showOnly(printed, options.showOnly);
}

/** The values at the top level and again under `.Values`, and the environment under `.Env`. */
async function renderFile(text: string, name: string, { values, environment }: TemplateOptions): Promise<string> {
  const { bcryptHash } = await import("../registry/htpasswd.ts");
  const functions = clusterFunctions({
    environment: new Map(Object.entries(environment)),
    bcrypt: bcryptHash,
  });
  const template = parseTemplate(text, { name, functions });
  return renderTemplate(template, { ...Object.fromEntries(values), Values: values, Env: environment });
}
