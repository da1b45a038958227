import { expect, test } from "vitest";
import { loadChart } from "../../src/templates/helm/load-chart.ts";
import { loadValuesValidator } from "../../src/templates/helm/validate-values.ts";
import type { GoMap } from "../../src/templates/value/value.ts";
import { readYaml } from "../../src/templates/yaml/read-yaml.ts";

async function violations(schema: unknown, values: string): Promise<string> {
  const files = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "values.schema.json": typeof schema === "string" ? schema : JSON.stringify(schema),
  };
  const chart = loadChart(new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])));
  const validate = await loadValuesValidator(chart);
  const read = readYaml(values);
  const map: GoMap = read instanceof Map ? read : new Map();
  try {
    validate?.(chart, map);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error.message.split("\n").slice(1).join("\n");
  }
  return "";
}

const DRAFT_4 = "http://json-schema.org/draft-04/schema#";
const DRAFT_7 = "http://json-schema.org/draft-07/schema#";
const DRAFT_2019 = "https://json-schema.org/draft/2019-09/schema";

test.each([
  [{ $schema: DRAFT_4, id: "x", properties: { a: { minimum: 1, exclusiveMinimum: true } } }, "a: 1", "want 1"],
  [{ $schema: DRAFT_4, properties: { a: { maximum: 1, exclusiveMaximum: false } } }, "a: 1", ""],
  [{ $schema: DRAFT_4, properties: { exclusiveMinimum: { type: "string" } } }, "exclusiveMinimum: 1", "want string"],
  [{ $schema: DRAFT_7, properties: { a: { items: [{ type: "string" }] } } }, "a: [1]", "at '/a/0': got number"],
  [{ $schema: DRAFT_7, properties: { a: { format: "ipv6" } } }, "a: x", "'x' is not valid ipv6"],
  [{ $schema: DRAFT_2019, properties: { a: { items: [{ type: "string" }] } } }, "a: [1]", "at '/a/0': got number"],
  [{ properties: { a: { prefixItems: [{ type: "string" }] } } }, "a: [1]", "at '/a/0': got number, want string"],
  [{ properties: { a: { format: "ipv6" } } }, "a: x", ""],
  [{ required: ["constructor", "__proto__"] }, "a: 1", "missing properties 'constructor', '__proto__'"],
  [{ propertyNames: { pattern: "^[a-z]$" } }, "A: 1", "invalid propertyName 'A'\n  - at '': 'A' does not match"],
  [false, "a: 1", "web:\n- at '': false schema"],
  ["{", "a: 1", "web:\nvalues.schema.json is no schema: "],
  ["[]", "a: 1", "web:\nvalues.schema.json is no schema: expected an object"],
  [{ $ref: "https://example.com/schema.json" }, "a: 1", "values.schema.json is no schema: can't resolve reference"],
  [{ properties: { a: { pattern: "(?=x)" } } }, "a: x", "values.schema.json is no schema: "],
])("loadValuesValidator() checks %j against %s", async (schema, values, expected) => {
  const found = await violations(schema, values);
  if (expected === "") expect(found).toBe("");
  else expect(found).toContain(expected);
});

test("loadValuesValidator() gives none when no chart has a schema", async () => {
  const chart = loadChart(new Map([["Chart.yaml", Buffer.from("apiVersion: v2\nname: web\nversion: 1.0.0\n")]]));
  expect(await loadValuesValidator(chart)).toBeUndefined();
});
