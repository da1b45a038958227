import { expect, test } from "vitest";

import { loadChart } from "../../src/templates/helm/load-chart.ts";
import { renderManifests, templateChart } from "../../src/templates/helm/template-chart.ts";

test("templateChart() gives .Values the methods of Helm's type when templates call them", () => {
  const files = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
    "values.yaml": "a: {b: 1}\n",
    "templates/x.yaml": '{{ .Values.YAML }}b: {{ dig "a" "b" 0 .Values.AsMap }}\nc: {{ .Values.a.b }}\n',
  };
  const contents = new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]));
  const chart = loadChart(contents, { unpack: () => new Map() });
  expect(renderManifests(templateChart(chart))).toBe("---\n# Source: web/templates/x.yaml\na:\n  b: 1\nb: 1\nc: 1\n");
});
