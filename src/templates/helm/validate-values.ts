import { isIPv4, isIPv6 } from "node:net";
import type { Ajv, Options, ValidateFunction } from "ajv";
import { messageOf } from "../../base/error.ts";
import { FunctionError } from "../error.ts";
import { writeJson } from "../json/write-json.ts";
import { Regexp } from "../regexp/regexp.ts";
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
  const { Ajv } = await import("ajv");
  const { Ajv2019 } = await import("ajv/dist/2019.js");
  const { Ajv2020 } = await import("ajv/dist/2020.js");
  const compilers: Compilers = {
    draft7: () => new Ajv(AJV_OPTIONS),
    draft2019: () => new Ajv2019({ ...AJV_OPTIONS, validateFormats: false }),
    draft2020: () => new Ajv2020({ ...AJV_OPTIONS, validateFormats: false }),
  };
  return (root, values) => {
    const reports = violationsOf(root, values, compilers);
    if (reports.length === 0) return;
    throw new ChartError(
      `values don't meet the specifications of the schema(s) in the following chart(s):\n${reports.join("")}`,
    );
  };
}

function hasSchema(chart: Chart): boolean {
  return chart.schema !== undefined || chart.dependencies.some(hasSchema);
}

/** Since 2019 formats are for people; before, they are checked. */
interface Compilers {
  readonly draft7: () => Ajv;
  readonly draft2019: () => Ajv;
  readonly draft2020: () => Ajv;
}

const AJV_OPTIONS: Options = {
  allErrors: true,
  verbose: true,
  strict: false,
  logger: false,
  ownProperties: true,
  formats: { ipv4: isIPv4, ipv6: isIPv6, regex: isRegexp },
  // Charts are untrusted: patterns run in linear time, and mean what they mean to Helm.
  code: { regExp: Object.assign((pattern: string) => new SchemaPattern(pattern), { code: "" }) },
};

class SchemaPattern {
  readonly #pattern: string;
  readonly #regexp: Regexp;

  constructor(pattern: string) {
    this.#pattern = pattern;
    this.#regexp = new Regexp(pattern);
  }

  test(text: string): boolean {
    return this.#regexp.find(text) !== undefined;
  }

  /** Ajv takes patterns with the same text for the same. */
  toString(): string {
    return this.#pattern;
  }
}

function isRegexp(text: string): boolean {
  try {
    return new Regexp(text).find("") !== null;
  } catch {
    return false;
  }
}

function violationsOf(chart: Chart, values: GoMap, compilers: Compilers): readonly string[] {
  const own = chart.schema ? violationsOfSchema(chart.schema, values, compilers) : [];
  const inner = chart.dependencies.flatMap((dependency) => {
    const { name } = dependency.metadata;
    const innerValues = values.get(name);
    return innerValues instanceof Map ? violationsOf(dependency, innerValues, compilers) : [];
  });
  const report = own.map((line) => `${line}\n`).join("");
  return report === "" ? inner : [`${chart.metadata.name}:\n${report}`, ...inner];
}

function violationsOfSchema(schema: Uint8Array, values: GoMap, compilers: Compilers): readonly string[] {
  let validate: ValidateFunction;
  try {
    validate = compile(JSON.parse(decodeBytes(schema)), compilers);
  } catch (error) {
    return [`values.schema.json is no schema: ${messageOf(error)}`];
  }
  const data: unknown = JSON.parse(writeJson(values, { escapesHtml: false, indent: "" }));
  return validate(data) ? [] : renderViolations(validate.errors ?? []);
}

/** Without `$schema` a schema is of the newest draft. */
function compile(schema: unknown, { draft7, draft2019, draft2020 }: Compilers): ValidateFunction {
  if (typeof schema === "boolean") return draft2020().compile(schema);
  if (!isRecord(schema)) throw new FunctionError("expected an object");
  const { $schema, ...rest } = schema;
  const draft = typeof $schema === "string" ? $schema : "";
  if (draft.includes("draft-04")) return draft7().compile(fromDraft4(rest));
  if (/draft-0[67]/.test(draft)) return draft7().compile(rest);
  return draft.includes("2019-09") ? draft2019().compile(rest) : draft2020().compile(rest);
}

/** In draft 4 an exclusive limit is said by a boolean beside the limit, and `$id` has no dollar. */
function fromDraft4(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { exclusiveMinimum, exclusiveMaximum, ...rest } = schema;
  const converted = Object.entries(rest).map(([key, value]) => [key, convertDraft4(value)] as const);
  const limits = [
    ...limitOf("Minimum", exclusiveMinimum, schema["minimum"]),
    ...limitOf("Maximum", exclusiveMaximum, schema["maximum"]),
  ];
  return Object.fromEntries([
    ...converted.filter(([key, value]) => key !== "id" || typeof value !== "string"),
    ...limits,
  ]);
}

function convertDraft4(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(convertDraft4);
  return isRecord(value) ? fromDraft4(value) : value;
}

function limitOf(name: string, flag: unknown, limit: unknown): readonly (readonly [string, unknown])[] {
  if (flag === true) return [[`exclusive${name}`, limit]];
  // What is no boolean is a property of that name.
  return flag === undefined || flag === false ? [] : [[`exclusive${name}`, convertDraft4(flag)]];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
