import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { messageOf } from "../../src/base/error.ts";
import { loadChart } from "../../src/templates/helm/load-chart.ts";
import { setValues } from "../../src/templates/helm/set-values.ts";
import type { SetKind } from "../../src/templates/helm/set-values.ts";
import { renderManifests, templateChart } from "../../src/templates/helm/template-chart.ts";
import { loadValuesValidator } from "../../src/templates/helm/validate-values.ts";
import type { GoMap } from "../../src/templates/value/value.ts";
import { readYaml } from "../../src/templates/yaml/read-yaml.ts";

/** Charts, and what `helm template` makes of them; `make template-goldens` writes the expectations. */
const FOLDER = join(import.meta.dirname, "helm");

interface Case {
  readonly name: string;
  readonly chart: string;
  readonly values?: string;
  readonly set?: readonly string[];
  readonly setString?: readonly string[];
  readonly setJson?: readonly string[];
  readonly setLiteral?: readonly string[];
  readonly kubeVersion?: string;
  readonly apiVersions?: readonly string[];
  readonly includeCrds?: boolean;
}

interface Expected {
  readonly output?: string;
  readonly notes?: string;
  readonly error?: string;
}

function readChart(name: string): ReadonlyMap<string, Uint8Array> {
  const root = join(FOLDER, "charts", name);
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(paths.map((path) => [relative(root, path), readFileSync(path)]));
}

function valuesOf({ values = "", set = [], setString = [], setJson = [], setLiteral = [] }: Case): GoMap {
  const read = readYaml(values);
  const map: GoMap = read instanceof Map ? read : new Map();
  const assignments: readonly (readonly [SetKind, readonly string[]])[] = [
    ["json", setJson],
    ["typed", set],
    ["string", setString],
    ["literal", setLiteral],
  ];
  for (const [kind, texts] of assignments) for (const text of texts) setValues(map, text, kind);
  return map;
}

async function render(entry: Case): Promise<Expected> {
  const chart = loadChart(readChart(entry.chart));
  const { kubeVersion = "v1.36.0", apiVersions, includeCrds } = entry;
  const rendered = templateChart(chart, {
    kubeVersion,
    apiVersions,
    values: valuesOf(entry),
    validateValues: await loadValuesValidator(chart),
  });
  return { output: renderManifests(rendered, { includesCustomResources: includeCrds }), notes: rendered.notes };
}

/** Helm names the violations of a schema in the order of Go's maps, which is random. */
function sortedLines(text: string): readonly string[] {
  return text.trimEnd().split("\n").toSorted();
}

const cases: readonly Case[] = parse(readFileSync(join(FOLDER, "cases.yaml"), "utf8"));
const expectations: readonly Expected[] = JSON.parse(readFileSync(join(FOLDER, "cases.json"), "utf8"));

for (const [index, entry] of cases.entries()) {
  const { output, notes = "", error } = expectations[index] ?? {};
  if (output !== undefined) {
    test(`templateChart() prints what helm prints for ${entry.chart}: ${entry.name}`, async () => {
      expect(await render(entry)).toEqual({ output, notes });
    });
    continue;
  }
  test(`templateChart() fails where helm fails for ${entry.chart}: ${entry.name}`, async () => {
    await expect(render(entry)).rejects.toThrow();
    if (error?.startsWith("template: ")) expect(await failureOf(entry)).toBe(error);
    if (error?.startsWith("values don't meet")) expect(sortedLines(await failureOf(entry))).toEqual(sortedLines(error));
  });
}

async function failureOf(entry: Case): Promise<string> {
  try {
    await render(entry);
  } catch (error) {
    return messageOf(error);
  }
  return "";
}
