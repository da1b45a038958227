import { expect, test } from "vitest";

import { compileWildcards, hasWildcards } from "../../src/build/context/wildcards.ts";

test.each([
  ["*.txt", ["a.txt", ".txt"], ["a.txt/b", "a.tx", "d/a.txt"]],
  ["a?c", ["abc", "a😀c"], ["ac", "a/c", "abbc"]],
  ["[a-c]x", ["ax", "cx"], ["dx", "x", "-x"]],
  ["[^a-c]x", ["dx"], ["ax", "/x"]],
  ["[[]x", ["[x"], ["x", "[[x"]],
  ["[a\\-c]x", ["ax", "-x", "cx"], ["bx"]],
  ["a\\*b", ["a*b"], ["aXb", "a\\*b"]],
  ["a[", ["a["], ["a"]],
  ["a.b", ["a.b"], ["aXb"]],
  ["**/x", ["x", "a/x", "a/b/x"], ["ax", "x/a"]],
  ["a/**", ["a/b", "a/b/c"], ["a", "ab"]],
  ["a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb"]],
  ["**", ["a", "a/b"], []],
])("compileWildcards() matches with %s what Go's filepath.Match matches", (pattern, good, bad) => {
  const expression = compileWildcards(pattern);
  expect(good.filter((name) => !expression.test(name))).toEqual([]);
  expect(bad.filter((name) => expression.test(name))).toEqual([]);
});

test("hasWildcards() tells patterns from names", () => {
  expect(["a*", "a?", "[a]", "a\\b"].every(hasWildcards)).toBe(true);
  expect(["a", "a/b", "a]", "{a}"].some(hasWildcards)).toBe(false);
});
