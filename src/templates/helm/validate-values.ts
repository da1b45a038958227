import type { ValidateFunction } from "ajv";
import { messageOf } from "../../base/error.ts";
import { writeJson } from "../json/write-json.ts";
import { decodeBytes } from "../value/bytes.ts";
import type { GoMap } from "../value/value.ts";
import type { Chart } from "./chart.ts";
import { ChartError } from "./errors.ts";
import { renderViolations } from "./schema-violations.ts";

/** Checks the values of a chart and of its sub-charts against their schemas. @throws {ChartError} naming all violations. */
export type ValuesValidator = (chart: Chart, values: GoMap) => void;

/** The validator for charts that bring a values.schema.json; undefined, and nothing loaded, when none of them does. */
export async function loadValuesValidator(chart: Chart): Promise<ValuesValidator | undefined> {
  if (!hasSchema(chart)) return undefined;
  const { compileSchema } = await import("./compile-schema.ts");
  return (root, values) => {
    const reports = violationsOf(root, values, compileSchema);
    if (reports.length === 0) return;
    throw new ChartError(
      `values don't meet the specifications of the schema(s) in the following chart(s):\n${reports.join("\n")}`,
      { hint: "Correct the values; the chart's values.schema.json says what they may be" },
    );
  };
}

type SchemaCompiler = (schema: unknown) => ValidateFunction;

function hasSchema(chart: Chart): boolean {
  return chart.schema !== undefined || chart.dependencies.some(hasSchema);
}

function violationsOf(chart: Chart, values: GoMap, compile: SchemaCompiler): readonly string[] {
  const own = chart.schema ? violationsOfSchema(chart.schema, values, compile) : [];
  const inner = chart.dependencies.flatMap((dependency) => {
    const { name } = dependency.metadata;
    const innerValues = values.get(name);
    return innerValues instanceof Map ? violationsOf(dependency, innerValues, compile) : [];
  });
  return own.length === 0 ? inner : [[`${chart.metadata.name}:`, ...own].join("\n"), ...inner];
}

function violationsOfSchema(schema: Uint8Array, values: GoMap, compile: SchemaCompiler): readonly string[] {
  let validate: ValidateFunction;
  try {
    validate = compile(JSON.parse(decodeBytes(schema)));
  } catch (error) {
    return [`values.schema.json is no schema: ${messageOf(error)}`];
  }
  const data: unknown = JSON.parse(writeJson(values, { escapesHtml: false, indent: "" }));
  return validate(data) ? [] : renderViolations(validate.errors ?? []);
}
