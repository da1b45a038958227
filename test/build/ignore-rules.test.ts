import { expect, test } from "vitest";

import { parseIgnoreRules } from "../../src/build/context/ignore-rules.ts";
import { withoutIgnored } from "../../src/build/context/ignored-tree.ts";
import { walkTree } from "../../src/build/context/walk-tree.ts";
import { treeOf } from "../support/memory-tree.ts";

const TREE = treeOf({
  "a.log": "",
  "docs/a.md": "",
  "docs/README.md": "",
  "src/a.ts": "",
  "src/a.log": "",
  "src/deep/er/x.log": "",
  "#odd": "",
});

function filesLeft(text: string): string[] {
  const tree = withoutIgnored(TREE, { rules: parseIgnoreRules(text), name: ".dockerignore" });
  return [...walkTree(tree, "")].flatMap(([path, { type }]) => (type === "file" ? [path] : []));
}

const ALL = ["#odd", "a.log", "docs/README.md", "docs/a.md", "src/a.log", "src/a.ts", "src/deep/er/x.log"];

test.each<readonly [text: string, excluded: readonly string[]]>([
  ["", []],
  ["# comment\n\n  \n.\n", []],
  ["*.log", ["a.log"]],
  ["**/*.log", ["a.log", "src/a.log", "src/deep/er/x.log"]],
  ["/docs/", ["docs/README.md", "docs/a.md"]],
  ["./src/../docs", ["docs/README.md", "docs/a.md"]],
  ["docs\n!docs/README.md", ["docs/a.md"]],
  ["docs\n!docs/*.md\ndocs/a.md", ["docs/a.md"]],
  ["*\n!src/**/x.log", ALL.filter((path) => path !== "src/deep/er/x.log")],
  ["**\n!**/*.ts", ALL.filter((path) => path !== "src/a.ts")],
  ["src/deep", ["src/deep/er/x.log"]],
  ["s?c/*.[lt]*", ["src/a.log", "src/a.ts"]],
  ["\\#odd", ["#odd"]],
  ["  a.log  \r\n", ["a.log"]],
  ["!a.log", []],
])("parseIgnoreRules() excludes by %j what docker excludes", (text, excluded) => {
  expect(filesLeft(text)).toEqual(ALL.filter((path) => !excluded.includes(path)));
});

test("withoutIgnored() says why a file is hidden", () => {
  const tree = withoutIgnored(TREE, { rules: parseIgnoreRules("*.log"), name: ".dockerignore" });
  expect(tree.find("a.log")).toBeUndefined();
  expect(tree.whyHidden?.("a.log")).toBe('it is excluded by ".dockerignore"');
  expect(tree.whyHidden?.("b.log")).toBeUndefined();
});
