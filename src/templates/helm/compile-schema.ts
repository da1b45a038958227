import { isIPv4, isIPv6 } from "node:net";
import { Ajv } from "ajv";
import type { Options, ValidateFunction } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import { FunctionError } from "../error.ts";
import { Regexp } from "../regexp/regexp.ts";

const OPTIONS: Options = {
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

/** Since 2019 formats are for people; before, they are checked. */
const LATER_OPTIONS: Options = { ...OPTIONS, validateFormats: false };

/**
 * A validator for the schema, of the draft that it names, else of the newest. This module loads all of the JSON Schema
 * library: import it when there is a schema. @throws when it is no schema.
 */
export function compileSchema(schema: unknown): ValidateFunction {
  if (typeof schema === "boolean") return new Ajv2020(LATER_OPTIONS).compile(schema);
  if (!isRecord(schema)) throw new FunctionError("expected an object");
  const { $schema, ...rest } = schema;
  const draft = typeof $schema === "string" ? $schema : "";
  if (draft.includes("draft-04")) return new Ajv(OPTIONS).compile(fromDraft4(rest));
  if (/draft-0[67]/.test(draft)) return new Ajv(OPTIONS).compile(rest);
  const later = draft.includes("2019-09") ? new Ajv2019(LATER_OPTIONS) : new Ajv2020(LATER_OPTIONS);
  return later.compile(rest);
}

/** In draft 4 an exclusive limit is said by a boolean beside the limit, and `$id` has no dollar. */
function fromDraft4(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { exclusiveMinimum, exclusiveMaximum, ...rest } = schema;
  const converted = Object.entries(rest).map(
    ([key, value]) => [key, key === "enum" || key === "default" ? value : convertDraft4(value)] as const,
  );
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
