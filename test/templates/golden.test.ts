import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { messageOf } from "../../src/base/error.ts";
import { readJson } from "../../src/templates/json/read-json.ts";
import { standardFunctions } from "../../src/templates/standard-functions.ts";
import { parseTemplate, renderTemplate } from "../../src/templates/template.ts";
import type { Value } from "../../src/templates/value/value.ts";
import { toValue } from "../../src/templates/value/to-value.ts";
import { generateGroups } from "./generated/generate.ts";

/** What the Go engines gave for the templates of cases/; `make template-goldens` writes it. */
const CASES = join(import.meta.dirname, "cases");
const GOLDEN = join(import.meta.dirname, "golden");

const functions = standardFunctions();

interface Group {
  readonly data?: string;
  readonly helm?: boolean;
  readonly missingKey?: "default" | "zero" | "error";
  readonly left?: string;
  readonly right?: string;
  readonly templates: readonly string[];
}

interface Result {
  readonly template: string;
  readonly output?: string;
  readonly error?: string;
}

function render(group: Group, text: string): Result {
  const { data = "{}", helm = false, left = "{{", right = "}}", missingKey } = group;
  try {
    const template = parseTemplate(text, { name: "t", delimiters: { left, right }, functions });
    const value = helm ? readJson(data) : readPlain(data);
    return { template: text, output: renderTemplate(template, value, { missingKey }).toWellFormed() };
  } catch (error) {
    return { template: text, error: messageOf(error) };
  }
}

/** As the oracle reads it: integers are int, other numbers float64. */
function readPlain(text: string): Value {
  return toTyped(
    JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) => {
      return typeof value === "number" ? new NumberText(context?.source ?? "") : value;
    }),
  );
}

class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function toTyped(plain: unknown): Value {
  if (plain instanceof NumberText) return /^-?[0-9]+$/.test(plain.text) ? BigInt(plain.text) : Number(plain.text);
  if (Array.isArray(plain)) return plain.map(toTyped);
  if (typeof plain !== "object" || plain === null) return toValue(plain);
  return new Map(Object.entries(plain).map(([key, item]) => [key, toTyped(item)]));
}

test("renderTemplate() gives what Go gives for templates made at random", () => {
  const expected: readonly (readonly Partial<Result>[])[] = JSON.parse(
    readFileSync(join(GOLDEN, "groups.json"), "utf8"),
  );
  const groups = generateGroups();
  const differences = groups.flatMap((group, index) =>
    group.templates.map(
      (template, number) => [render(group, template), { template, ...expected[index]?.[number] }] as const,
    ),
  );
  expect(differences.length).toBe(3000);
  expect(differences.filter(([got, wanted]) => !isDeepStrictEqual(got, wanted))).toEqual([]);
});

for (const file of readdirSync(CASES)) {
  const groups: readonly Group[] = parse(readFileSync(join(CASES, file), "utf8"));
  const expected: readonly (readonly Result[])[] = JSON.parse(
    readFileSync(join(GOLDEN, file.replace(".yaml", ".json")), "utf8"),
  );
  for (const [index, group] of groups.entries()) {
    for (const [number, text] of group.templates.entries()) {
      test(`renderTemplate() gives what Go gives for ${file} ${text}`, () => {
        expect(render(group, text)).toEqual(expected[index]?.[number]);
      });
    }
  }
}
