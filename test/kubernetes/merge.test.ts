import { expect, test } from "vitest";

import { mergeConfiguration } from "../../src/kubernetes/merge.ts";

test.each([
  ["mappings field by field", { a: { b: 1, c: 2 } }, { a: { c: 3 } }, { a: { b: 1, c: 3 } }],
  ["lists as a whole", { a: [1, 2] }, { a: [3] }, { a: [3] }],
  ["an absent override as nothing", { a: 1 }, undefined, { a: 1 }],
  ["an empty override of a list", { a: [1] }, { a: [] }, { a: [] }],
  [
    "named lists by name",
    {
      args: [
        { name: "v", value: "0" },
        { name: "port", value: "1" },
      ],
    },
    {
      args: [
        { name: "v", value: "4" },
        { name: "new", value: "x" },
      ],
    },
    {
      args: [
        { name: "v", value: "4" },
        { name: "port", value: "1" },
        { name: "new", value: "x" },
      ],
    },
  ],
])("mergeConfiguration() merges %s", (_, base, override, expected) => {
  expect(mergeConfiguration(base, override)).toEqual(expected);
});
