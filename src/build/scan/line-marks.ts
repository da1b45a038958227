import type { Chart, ChartFile } from "../../templates/helm/chart.ts";
import { decodeBytes } from "../../templates/value/bytes.ts";

/** Lines that may give an image: a field, or an item of a list of arguments. */
const CANDIDATE = /^\s*(?:-\s+)?(?:["']?[\w.-]*(?:image|img|repository|value)s?["']?\s*:\s*\S|["']?--?[\w.-]+[= ])/i;
const MARK = / #@line (\d+)\s*$/;

/**
 * A template with a comment behind every line that may give an image, so that a line of what is rendered says from which
 * line it comes. A comment changes nothing for YAML, unless a template cuts its own line into pieces.
 */
export function markLines(template: string): string {
  return template
    .split("\n")
    .map((line, index) => (isMarkable(line) ? `${line.trimEnd()} #@line ${index + 1}` : line))
    .join("\n");
}

/** The chart with its templates marked, see {@link markLines}. */
export function withLineMarks(chart: Chart): Chart {
  return {
    ...chart,
    templates: chart.templates.map(markTemplate),
    dependencies: chart.dependencies.map(withLineMarks),
  };
}

/** The line of the template that a line of what is rendered comes from. */
export function findLineMark(line: string): number | undefined {
  const number = MARK.exec(line)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** Helpers are included by templates: their lines are not those of the template. */
function markTemplate(file: ChartFile): ChartFile {
  const { name, data } = file;
  if (!/\.ya?ml$/i.test(name) || /(?:^|\/)_[^/]*$/.test(name)) return file;
  return { name, data: Buffer.from(markLines(decodeBytes(data))) };
}

/** Not a line that ends inside an action, or behind one that takes away the blank before the comment. */
function isMarkable(line: string): boolean {
  if (!CANDIDATE.test(line)) return false;
  const opened = line.split("{{").length;
  return opened === line.split("}}").length && !/-\}\}\s*$/.test(line);
}
