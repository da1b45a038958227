import { expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import type { ConfigObject } from "../../../src/cluster/cluster.ts";
import { applyConfigObject, applyConfigObjects } from "../../../src/cluster/tree/config-objects.ts";
import { textFile } from "../../../src/cluster/tree/host-tree.ts";
import { findText } from "../../../src/cluster/tree/read-file.ts";

const CONFIG: ConfigObject = { name: "c", path: "etc/a.yaml", match: undefined, strategy: "merge", data: "" };
const ctx = backgroundContext();

test.each([
  ["merge", "a: {b: 1, c: 2}\n---\nd: 1\n", "a: {c: 3}\n", "a:\n  b: 1\n  c: 3\n---\nd: 1\na:\n  c: 3\n"],
  ["insert", "old", "new", "new\nold"],
  ["append", "old", "new", "old\nnew"],
  ["override", "old", "new", "new"],
] as const)("applyConfigObject() with strategy %s", (strategy, present, data, expected) => {
  expect(applyConfigObject({ ...CONFIG, strategy, data }, present)).toBe(expected);
});

test("applyConfigObject() refuses to merge into what is not a mapping", () => {
  expect(() => applyConfigObject({ ...CONFIG, data: "a: 1" }, "- list")).toThrow(
    'Cannot merge Config "c" into "etc/a.yaml": both have to be YAML mappings',
  );
});

test("applyConfigObjects() makes what is absent and leaves other images alone", async () => {
  const files = new Map([["etc/b.yaml", textFile("x: 1\n", 0o600)]]);
  const configs = [
    { ...CONFIG, data: "a: 1\n" },
    { ...CONFIG, path: "./etc/b.yaml", data: "x: 2\n" },
    { ...CONFIG, match: "localhost/other:1", path: "etc/c.yaml", data: "c: 1\n" },
  ];
  const result = await applyConfigObjects(ctx, { image: "localhost/x:1", files }, configs);
  expect([...result.keys()]).toEqual(["etc/b.yaml", "etc/a.yaml"]);
  expect(await findText(ctx, result, "etc/b.yaml")).toBe("x: 2\n");
  expect(result.get("etc/b.yaml")).toMatchObject({ mode: 0o600 });
});

test.each(["../x", "/etc/passwd", "a/../../x", "."])("applyConfigObjects() refuses the path %s", async (path) => {
  await expect(
    applyConfigObjects(ctx, { image: "i", files: new Map() }, [{ ...CONFIG, path, data: "a: 1" }]),
  ).rejects.toThrow(`Cannot apply Config "c": its path "${path}" leads out of the image`);
});
