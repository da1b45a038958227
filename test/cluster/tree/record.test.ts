import { expect, test } from "vitest";

import { textFile, type HostTree, type HostTreeEntry } from "../../../src/cluster/tree/host-tree.ts";
import {
  diffTree,
  NOTHING_OBSERVED,
  parseRecord,
  renderRecord,
  type ListedFile,
} from "../../../src/cluster/tree/record.ts";

const TREE: HostTree = new Map<string, HostTreeEntry>([
  ["bin", { type: "directory", mode: 0o755 }],
  ["bin/a b", textFile("one", 0o755)],
  ["link", { type: "symlink", target: "bin/a b" }],
]);

const OBSERVED = {
  record: parseRecord(renderRecord(TREE)),
  recordedAt: 100,
  files: new Map([["bin/a b", { size: 3, changedAt: 99 }]]),
};

test("diffTree() finds nothing to do when the host has what was recorded", () => {
  expect(diffTree(TREE, OBSERVED)).toEqual({ put: new Map(), remove: [] });
});

test("diffTree() sends everything to a host without a record", () => {
  expect([...diffTree(TREE, NOTHING_OBSERVED).put.keys()]).toEqual(["bin", "bin/a b", "link"]);
});

test.each([
  ["has gone", new Map<string, ListedFile>()],
  ["has another size", new Map([["bin/a b", { size: 2, changedAt: 99 }]])],
  ["changed after the record", new Map([["bin/a b", { size: 3, changedAt: 101 }]])],
])("diffTree() sends a file again that %s", (_, files) => {
  expect([...diffTree(TREE, { ...OBSERVED, files }).put.keys()]).toEqual(["bin/a b"]);
});

test("diffTree() sends what changed and removes what is no longer wanted", () => {
  const desired: HostTree = new Map<string, HostTreeEntry>([
    ["bin", { type: "directory", mode: 0o755 }],
    ["bin/a b", textFile("one", 0o644)],
  ]);
  const { put, remove } = diffTree(desired, OBSERVED);
  expect([...put.keys()]).toEqual(["bin/a b"]);
  expect(remove).toEqual(["link"]);
});

test("parseRecord() passes over lines that were cut off", () => {
  expect([...parseRecord('["a","directory 755"]\n["b","dire').keys()]).toEqual(["a"]);
});
