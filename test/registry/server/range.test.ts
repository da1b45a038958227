import { expect, test } from "vitest";

import { parseContentRange, parseRange } from "../../../src/registry/server/range.ts";

test.each([
  ["bytes=0-9", { first: 0, last: 9 }],
  ["bytes=90-", { first: 90, last: 99 }],
  ["bytes=90-500", { first: 90, last: 99 }],
  ["bytes=-10", { first: 90, last: 99 }],
  ["bytes=-500", { first: 0, last: 99 }],
  ["bytes=100-", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=9-0", undefined],
  ["bytes=-", undefined],
  ["bytes=0-1,5-6", undefined],
  ["lines=0-9", undefined],
  [undefined, undefined],
])("parseRange() of %s in 100 bytes", (header, expected) => {
  expect(parseRange(header, 100)).toEqual(expected);
});

test("parseRange() satisfies nothing in an empty blob", () => {
  expect(parseRange("bytes=0-", 0)).toBe("unsatisfiable");
});

test.each([
  ["0-9", { first: 0, last: 9 }],
  ["bytes 10-19/*", { first: 10, last: 19 }],
  ["bytes=10-19", { first: 10, last: 19 }],
  ["9-0", undefined],
  ["0-", undefined],
  ["x", undefined],
])("parseContentRange() of %s", (header, expected) => {
  expect(parseContentRange(header)).toEqual(expected);
});
