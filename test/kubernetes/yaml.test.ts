import { expect, test } from "vitest";

import { parseYaml, renderYaml } from "../../src/kubernetes/yaml.ts";

test.each([
  ["mode: 0644", { mode: 420 }],
  ["answer: yes", { answer: "yes" }],
  ["a: 1e3", { a: 1000 }],
  ["a: &x {b: 1}\nc:\n  <<: *x\n  d: 2", { a: { b: 1 }, c: { b: 1, d: 2 } }],
])("parseYaml() reads %j as Kubernetes does", (text, expected) => {
  expect(parseYaml(text, "f.yaml").map(({ value }) => value)).toEqual([expected]);
});

test("parseYaml() gives every document and the places of its fields", () => {
  const [, second] = parseYaml("a: 1\n---\nkind: Cluster\nspec:\n  hosts:\n    - ips: []\n", "f.yaml");
  expect(second?.value).toEqual({ kind: "Cluster", spec: { hosts: [{ ips: [] }] } });
  expect(second?.positionOf(["spec", "hosts", 0, "ips"])).toEqual({ line: 6, column: 12 });
  expect(second?.positionOf(["spec", "missing"])).toEqual({ line: 5, column: 3 });
});

test("parseYaml() names file, line and column of an error", () => {
  expect(() => parseYaml("a: [1\nb: 2\n", "f.yaml")).toThrow(/f\.yaml:2:1: /);
});

test("renderYaml() does not fold long lines", () => {
  expect(renderYaml({ text: "word ".repeat(40).trim() })).toBe(`text: ${"word ".repeat(40).trim()}\n`);
});
