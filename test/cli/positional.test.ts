import { describe, expect, test } from "vitest";

import { assignPositionals } from "../../src/cli/positional.ts";

describe("assignPositionals() gives words their names", () => {
  const cases: readonly (readonly [readonly string[], readonly string[], object])[] = [
    [["image"], ["a"], { image: "a" }],
    [["[image]"], [], { image: undefined }],
    [["source", "[destination]"], ["a", "b"], { source: "a", destination: "b" }],
    [["image..."], ["a", "b"], { image: ["a", "b"] }],
    [["[image...]"], [], { image: [] }],
    [["image", "name..."], ["a", "b", "c"], { image: "a", name: ["b", "c"] }],
    [["[name]", "chart"], ["a"], { chart: "a" }],
    [["[name]", "chart"], ["a", "b"], { name: "a", chart: "b" }],
  ];
  test.each(cases)("%j from %j", (patterns, words, values) => {
    expect(assignPositionals(patterns, words)).toEqual(values);
  });
});

test("assignPositionals() refuses too few and too many words", () => {
  expect(() => assignPositionals(["image", "name..."], ["a"])).toThrow("Missing argument NAME");
  expect(() => assignPositionals(["[image]"], ["a", "b"])).toThrow('Unexpected argument "b"');
});
