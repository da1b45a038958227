import { expect, test } from "vitest";

import { page } from "../../../src/registry/server/lists.ts";

const names = ["a", "b", "c"];
const next = (query: string): object => ({ link: `</v2/web/tags/list?${query}>; rel="next"` });

test.each([
  ["", ["a", "b", "c"], {}],
  ["n=2", ["a", "b"], next("n=2&last=b")],
  ["n=2&last=b", ["c"], {}],
  ["n=3", ["a", "b", "c"], {}],
  ["n=0", [], {}],
  ["last=a", ["b", "c"], {}],
  ["last=aa", ["b", "c"], {}],
  ["n=1&last=z", [], {}],
])("page() of a, b, c for '%s'", (query, expected, headers) => {
  const result = page(names, { path: "/v2/web/tags/list", query: new URLSearchParams(query) });
  expect(result).toEqual({ names: expected, headers });
});

test("page() refuses when n is not a number", () => {
  const query = new URLSearchParams("n=-1");
  expect(() => page(names, { path: "/", query })).toThrow(expect.objectContaining({ status: 400 }));
});
