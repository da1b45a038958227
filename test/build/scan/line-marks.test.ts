import { join } from "node:path";
import { expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { findLineMark, markLines, withLineMarks } from "../../../src/build/scan/line-marks.ts";
import { renderChartDocuments } from "../../../src/build/scan/render-chart.ts";
import { findYamlImages } from "../../../src/build/scan/yaml-images.ts";
import { readChartFolder } from "../../../src/actions/template-files.ts";
import { loadChart } from "../../../src/templates/helm/load-chart.ts";

test.each([
  ['image: "{{ .x }}"', 'image: "{{ .x }}" #@line 1'],
  ["  - image: a:1  ", "  - image: a:1 #@line 1"],
  ["sidecarImage: {{ .x }}", "sidecarImage: {{ .x }} #@line 1"],
  ["  value: {{ .x }}", "  value: {{ .x }} #@line 1"],
  ["- --image={{ .x }}", "- --image={{ .x }} #@line 1"],
  ["image: >-", "image: >- #@line 1"],
])("markLines() puts a mark behind %j", (line, marked) => {
  expect(markLines(line)).toBe(marked);
  expect(findLineMark(marked)).toBe(1);
});

test.each(["image:", "{{ image }}", "image: {{ .x -}}", "image: {{ if", "name: x", "{{- end }}"])(
  "markLines() leaves %j as it is",
  (line) => {
    expect(markLines(line)).toBe(line);
    expect(findLineMark(line)).toBeUndefined();
  },
);

test.each(["flannel", "metrics-server", "umbrella"])(
  "withLineMarks() changes no image of the chart %s",
  async (name) => {
    const folder = join(import.meta.dirname, "../../templates/helm/charts", name);
    const { files, packages } = await readChartFolder(backgroundContext(), folder);
    const chart = loadChart(files, { unpack: (archive) => packages.get(archive) ?? new Map() });
    const [plain, marked] = [chart, withLineMarks(chart)].map((chart) => renderChartDocuments(chart, {}));
    expect(marked?.failures).toEqual(plain?.failures);
    expect(marked?.documents.map(({ content }) => findYamlImages(content))).toEqual(
      plain?.documents.map(({ content }) => findYamlImages(content)),
    );
  },
);
