import { expect, test } from "vitest";

import type { TreeEntry } from "../../src/build/context/file-tree.ts";
import { AMD64, runBuild } from "../support/run-build.ts";
import { treeOf } from "../support/memory-tree.ts";
import { planBuild } from "../../src/build/plan.ts";
import { parseKubefile } from "../../src/kubefile/parse.ts";

const FILES = treeOf({ a: "a", b: "b" });

test("runStages() gives each stage those that it needs, whatever runs at once", async () => {
  const kubefile = [
    "FROM scratch AS one",
    "COPY a /a",
    "FROM scratch AS two",
    "COPY b /b",
    "FROM one AS three",
    "COPY --from=two /b /b",
    "FROM scratch",
    "COPY --from=three / /all",
  ].join("\n");
  for (const jobs of [1, 2, 10]) {
    const { layers } = await runBuild(kubefile, { context: FILES, jobs });
    expect(layers).toEqual([["all/ 755 0:0", "all/a 644 0:0", "all/b 644 0:0"]]);
  }
});

test("runStages() fails once with the first failure", async () => {
  const looked: string[] = [];
  const context = {
    list: () => [],
    find: (path: string): TreeEntry | undefined => {
      looked.push(path);
      return undefined;
    },
  };
  const kubefile = "FROM scratch AS one\nCOPY missing /\nFROM one\nCOPY other /\n";
  await expect(runBuild(kubefile, { context })).rejects.toThrow('Kubefile:2:6: error: "missing" is not there');
  expect(looked).not.toContain("other");
});

test("planBuild() leaves out stages that the target does not need, unless it is told to keep them", () => {
  const kubefile = parseKubefile("FROM scratch\nFROM scratch AS b\nFROM scratch\nFROM scratch\n", "Kubefile");
  const indexesOf = (options: { target?: string; keepsUnusedStages?: boolean }): number[] =>
    planBuild(kubefile, { platform: AMD64, ...options }).stages.map(({ index }) => index);
  expect(indexesOf({})).toEqual([3]);
  expect(indexesOf({ keepsUnusedStages: true })).toEqual([0, 1, 2, 3]);
  expect(indexesOf({ target: "b", keepsUnusedStages: true })).toEqual([0, 1]);
});

test("planBuild() bases the first stage on the image that is given", () => {
  const kubefile = parseKubefile("ARG X\nFROM ${X:?} AS a\nFROM a\nFROM r.example/other\n", "Kubefile");
  const plan = planBuild(kubefile, { platform: AMD64, baseImage: "r.example/base", keepsUnusedStages: true });
  expect(plan.stages.map(({ base }) => base)).toEqual([
    { kind: "image", name: "r.example/base" },
    { kind: "stage", index: 0 },
    { kind: "image", name: "r.example/other" },
  ]);
});
