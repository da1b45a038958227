import type { ErrorObject } from "ajv";
import { quote as quoteString } from "../value/quote.ts";

/** Errors of the validator as Helm prints them. Whatever is inside of a choice or a group is indented below it. */
export function renderViolations(errors: readonly ErrorObject[]): readonly string[] {
  const violations = joinAlike(errors.filter(({ keyword }) => keyword !== "if"));
  return toLines(nestChoices(violations), "").flatMap((line) => renderLine(line, ""));
}

interface Line {
  readonly text: string;
  readonly below: readonly Line[];
}

function renderLine({ text, below }: Line, indent: string): readonly string[] {
  return [`${indent}- ${text}`, ...below.flatMap((line) => renderLine(line, `${indent}  `))];
}

interface Violation {
  readonly error: ErrorObject;
  /** The properties that it is about, where it can be about several. */
  readonly names: readonly string[];
  /** Of a choice: why its alternatives fail. */
  readonly inner: readonly Violation[];
}

/** Keywords whose errors come with those of the schemas below them. */
const CHOICES = new Set(["anyOf", "oneOf", "contains", "propertyNames"]);

/** The validator names each missing or superfluous property in an error of its own, Helm all of them in one. */
function joinAlike(errors: readonly ErrorObject[]): readonly Violation[] {
  const joined = new Map<string, { readonly error: ErrorObject; readonly names: string[] }>();
  for (const [index, error] of errors.entries()) {
    const name = nameOf(error);
    const key = name === undefined ? String(index) : JSON.stringify([error.instancePath, error.schemaPath]);
    const entry = joined.get(key) ?? { error, names: [] };
    if (name !== undefined) entry.names.push(name);
    joined.set(key, entry);
  }
  return [...joined.values()].map((entry) => ({ ...entry, inner: [] }));
}

function nameOf({ keyword, params }: ErrorObject): string | undefined {
  const name: unknown =
    keyword === "additionalProperties" || keyword === "unevaluatedProperties"
      ? (params["additionalProperty"] ?? params["unevaluatedProperty"])
      : params["missingProperty"];
  return typeof name === "string" ? name : undefined;
}

/** Takes what is inside of choices into them; a choice stands behind it in the list. */
function nestChoices(violations: readonly Violation[]): readonly Violation[] {
  let outer: readonly Violation[] = [];
  for (const violation of violations) {
    const { keyword, schemaPath } = violation.error;
    const isInside = ({ error }: Violation): boolean => error.schemaPath.startsWith(`${schemaPath}/`);
    const inner = CHOICES.has(keyword) ? outer.filter(isInside) : [];
    outer = [...outer.filter((other) => !inner.includes(other)), { ...violation, inner }];
  }
  return outer;
}

/** Several violations inside of one value are a group. */
function toLines(violations: readonly Violation[], path: string): readonly Line[] {
  const byChild = Map.groupBy(violations, ({ error }) => {
    const [, child] = error.instancePath.slice(path.length).split("/");
    return child === undefined ? path : `${path}/${child}`;
  });
  return [...byChild].flatMap(([child, list]) =>
    child === path ? list.map((violation) => toLine(violation)) : grouped(toLines(list, child), child),
  );
}

function toLine(violation: Violation): Line {
  const { error, inner } = violation;
  const alternatives = Map.groupBy(inner, ({ error: { schemaPath } }) =>
    error.keyword === "contains" ? "" : schemaPath.slice(error.schemaPath.length + 1).split("/", 1)[0],
  );
  return {
    text: `at ${quote(error.instancePath)}: ${messageOf(violation)}`,
    below: [...alternatives.values()].flatMap((list) =>
      error.keyword === "contains"
        ? toLines(list, error.instancePath)
        : grouped(toLines(list, error.instancePath), error.instancePath),
    ),
  };
}

function grouped(lines: readonly Line[], path: string): readonly Line[] {
  return lines.length > 1 ? [{ text: `at ${quote(path)}: validation failed`, below: lines }] : lines;
}

function messageOf({ error, names }: Violation): string {
  const { keyword, params, data } = error;
  const limit = renderNumber(params["limit"]);
  switch (keyword) {
    case "type":
      return `got ${typeOf(data)}, want ${[params["type"]].flat().join(" or ")}`;
    case "required":
      return `missing ${names.length === 1 ? "property" : "properties"} ${quoteAll(names)}`;
    case "additionalProperties":
    case "unevaluatedProperties":
      return `additional properties ${quoteAll(names)} not allowed`;
    case "dependencies":
    case "dependentRequired":
      return `properties ${quoteAll(names)} required, if ${quote(String(params["property"]))} exists`;
    case "enum":
      return renderChoices(params["allowedValues"]);
    case "const":
      return isCompound(params["allowedValue"]) ? "'const' failed" : `value must be ${display(params["allowedValue"])}`;
    case "minimum":
    case "maximum":
    case "exclusiveMinimum":
    case "exclusiveMaximum":
      return `${keyword}: got ${renderNumber(data)}, want ${limit}`;
    case "multipleOf":
      return `multipleOf: got ${renderNumber(data)}, want ${renderNumber(params["multipleOf"])}`;
    case "minLength":
    case "maxLength":
    case "minItems":
    case "maxItems":
    case "minProperties":
    case "maxProperties":
      return `${keyword}: got ${sizeOf(data).toLocaleString("en-US")}, want ${limit}`;
    case "pattern":
      return `${display(data)} does not match pattern ${quote(String(params["pattern"]))}`;
    case "format":
      return `${display(data)} is not valid ${String(params["format"])}`;
    case "uniqueItems":
      return `items at ${[params["i"], params["j"]].map(Number).toSorted(byNumber).join(" and ")} are equal`;
    case "anyOf":
    case "not":
      return `'${keyword}' failed`;
    case "oneOf":
      return `'oneOf' failed, ${renderPassing(params["passingSchemas"])}`;
    case "contains":
      return "no items match contains schema";
    case "propertyNames":
      return `invalid propertyName ${quote(String(params["propertyName"]))}`;
    case "false schema":
      return "false schema";
    default:
      return error.message ?? `'${keyword}' failed`;
  }
}

function byNumber(a: number, b: number): number {
  return a - b;
}

function renderChoices(values: unknown): string {
  if (!Array.isArray(values) || values.some(isCompound)) return "'enum' failed";
  return `value must be ${values.length === 1 ? "" : "one of "}${values.map(display).join(", ")}`;
}

function renderPassing(passing: unknown): string {
  return Array.isArray(passing) ? `subschemas ${passing.join(", ")} matched` : "none matched";
}

function typeOf(data: unknown): string {
  if (data === null) return "null";
  return Array.isArray(data) ? "array" : typeof data;
}

function sizeOf(data: unknown): number {
  if (typeof data === "string") return Array.from(data).length;
  if (Array.isArray(data)) return data.length;
  return typeof data === "object" && data !== null ? Object.keys(data).length : 0;
}

/** With thousands separators, and from a million on with an exponent. */
function renderNumber(value: unknown): string {
  if (typeof value !== "number") return String(value);
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return value.toLocaleString("en-US", { maximumFractionDigits: 20 });
  const sign = power < 0 ? "\u207b" : "";
  return `${digits}\u00d710${sign}${Array.from(String(Math.abs(power)).padStart(2, "0"), toSuperscript).join("")}`;
}

function toSuperscript(digit: string): string {
  return "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"[Number(digit)] ?? "";
}

function isCompound(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function display(value: unknown): string {
  if (value === null) return "<nil>";
  if (isCompound(value)) return "value";
  return typeof value === "string" ? quote(value) : JSON.stringify(value);
}

function quoteAll(names: readonly string[]): string {
  return names.map(quote).join(", ");
}

/** In single quotes, with Go's escapes for what cannot be printed. */
function quote(text: string): string {
  const escaped = quoteString(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`);
  return `'${escaped}'`;
}
