import { expect, test } from "vitest";
import { loadPackagedChart } from "../../src/templates/helm/load-chart.ts";
import { mergeMaps, setFileValues, setValues } from "../../src/templates/helm/set-values.ts";
import { renderManifests, templateChart } from "../../src/templates/helm/template-chart.ts";
import type { GoMap } from "../../src/templates/value/value.ts";
import { writeYaml } from "../../src/templates/yaml/write-yaml.ts";
import { readYaml } from "../../src/templates/yaml/read-yaml.ts";

function values(text: string): GoMap {
  const read = readYaml(text);
  return read instanceof Map ? read : new Map();
}

test("mergeMaps() lets the second map win when both have a key, and joins maps", () => {
  const merged = mergeMaps(values("a: 1\nb:\n  c: 1\n  d: [1]\n"), values("a: 2\nb:\n  d: [2]\n  e: null\n"));
  expect(writeYaml(merged)).toBe("a: 2\nb:\n  c: 1\n  d:\n  - 2\n  e: null\n");
});

test("setFileValues() sets what the files hold when paths are given", () => {
  const map: GoMap = new Map();
  setFileValues(map, "a.b=x.txt,c[0]=y.txt", (path) => `content of ${path}\n`);
  expect(writeYaml(map)).toBe("a:\n  b: |\n    content of x.txt\nc:\n- |\n  content of y.txt\n");
});

test.each([
  ["a", 'key "a" has no value'],
  ["a,b=1", 'key "a" has no value (cannot end with ,)'],
  ["a[x]=1", 'error parsing index: "x"'],
  ["a[-1]=1", "negative -1 index not allowed"],
  ["a[0]b=1", 'unexpected data at end of array index: "b"'],
  ["a={1,2", "list must terminate with '}'"],
  ["b.c=1", "a key on what is no map"],
])("setValues() names the problem when the text is %s", (text, problem) => {
  expect(() => setValues(values("b: text"), text, "typed")).toThrow(`Cannot set "${text}": ${problem}`);
});

const CHART = "apiVersion: v2\nname: outer\nversion: 1.0.0\n";
const INNER = "apiVersion: v2\nname: inner\nversion: 0.1.0\n";

function bytes(files: Readonly<Record<string, string>>): ReadonlyMap<string, Uint8Array> {
  return new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]));
}

test("loadPackagedChart() unpacks packages in charts/ when it is given a way to", () => {
  const unpack = (): ReadonlyMap<string, Uint8Array> =>
    bytes({ "inner/Chart.yaml": INNER, "inner/templates/a.yaml": "v: {{ .Values.x }}", "inner/values.yaml": "x: 5" });
  const files = bytes({ "outer/Chart.yaml": CHART, "outer/charts/inner-0.1.0.tgz": "packed" });
  const rendered = templateChart(loadPackagedChart(files, { unpack }));
  expect(renderManifests(rendered)).toBe("---\n# Source: outer/charts/inner/templates/a.yaml\nv: 5\n");
  expect(() => loadPackagedChart(files)).toThrow("packaged charts are not supported here");
});

test.each([
  [{}, "Chart.yaml is missing"],
  [{ "Chart.yaml": "name: [" }, "Cannot load Chart.yaml"],
  [{ "Chart.yaml": "version: 1.0.0" }, "Chart.yaml has no name"],
  [{ "Chart.yaml": "name: a" }, "Chart.yaml has no version"],
  [{ "Chart.yaml": "name: ../a\nversion: 1.0.0" }, "the name is invalid"],
  [{ "Chart.yaml": "name: a\nversion: x" }, 'version "x" is no semantic version'],
  [{ "Chart.yaml": CHART, "values.yaml": "text" }, "Cannot load values.yaml: it holds no map"],
])("loadPackagedChart() names the problem when the files are %j", (files, problem) => {
  const inFolder = Object.fromEntries(Object.entries(files).map(([name, text]) => [`c/${name}`, text]));
  expect(() => loadPackagedChart(bytes(inFolder))).toThrow(problem);
});
