import { renderTable } from "../base/text.ts";
import type { Template } from "../templates/template.ts";

const TABLE_PREFIX = /^table\s+/;

/**
 * Renders each row by a Go template as `--format` takes it. `table` in front of it aligns what tabs separate and puts
 * the names of the fields above.
 * @throws {TemplateError} when the template is wrong or names a field that is not there.
 */
export async function renderRows(format: string, rows: readonly object[]): Promise<string> {
  const { parseTemplate, renderTemplate } = await import("../templates/template.ts");
  const { formatFunctions } = await import("./format-functions.ts");
  const isTable = TABLE_PREFIX.test(format);
  const text = unescape(format.replace(TABLE_PREFIX, ""));
  const template: Template = parseTemplate(text, { name: "--format", functions: formatFunctions() });
  const lines = rows.map((row) => renderTemplate(template, row, { missingKey: "error" }));
  if (!isTable) return lines.join("\n");
  const header = text.replaceAll(/\{\{-?\s*\.?(\w+)[^}]*\}\}/g, (_, field: string) => field.toUpperCase());
  return renderTable([header, ...lines].map((line) => line.split("\t")));
}

/** Shells hand `\t` and `\n` over as two characters. */
function unescape(format: string): string {
  return format.replaceAll(String.raw`\t`, "\t").replaceAll(String.raw`\n`, "\n");
}
