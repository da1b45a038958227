import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";

import { goModule } from "../../support/go-module.ts";
import { goProgram, HELM } from "../../support/go-program.ts";
import { CHART_MODULES } from "./chart-modules.ts";
import { compareWithHelm, type ChartCase } from "./compare-with-helm.ts";
import { varyValues } from "./vary-values.ts";

/** Set by `make chart-sweep`, which takes all modules and more values made at random. */
const WANTED_SEEDS = process.env["CHART_SWEEP_SEEDS"];
const SEEDS = Number(WANTED_SEEDS ?? "2");
const VALUES_FILE = /^(?:ci|tests)\/[^/]*values[^/]*\.ya?ml$/;

let helm: string;
let scratch: string;
beforeAll(async () => {
  helm = await goProgram(HELM);
  scratch = await mkdtemp(join(tmpdir(), "chart-sweep-"));
}, 600_000);
afterAll(() => rm(scratch, { recursive: true, force: true }));

const modules = CHART_MODULES.filter(({ isLarge = false }) => WANTED_SEEDS !== undefined || !isLarge);

test.each(modules)(
  "sealos template prints what helm prints for the charts of $path",
  { timeout: 600_000 },
  async (module) => {
    const root = await goModule(module);
    const charts = chartsBelow(root);
    const differences: string[] = [];
    let printed = 0;
    for (const folder of charts) {
      for (const entry of await casesOf(folder)) {
        const { outcome, differences: found } = await compareWithHelm(helm, entry);
        if (outcome === "printed") printed++;
        differences.push(...found.map((difference) => `${relative(root, folder)} ${entry.valuesFile}: ${difference}`));
      }
    }
    expect(differences).toEqual([]);
    expect(charts).toHaveLength(module.charts);
    expect(printed).toBeGreaterThan(0);
  },
);

function chartsBelow(root: string): readonly string[] {
  const files = readdirSync(root, { recursive: true, withFileTypes: true });
  return files.filter(({ name }) => name === "Chart.yaml").map(({ parentPath }) => parentPath);
}

/** The defaults, the values that the chart is tested with, and defaults varied at random. */
async function casesOf(folder: string): Promise<readonly ChartCase[]> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const own = files.filter((name) => VALUES_FILE.test(name)).map((name) => join(folder, name));
  const varied = files.includes("values.yaml") ? await variedValues(folder) : [];
  return [{ folder }, ...[...own, ...varied].map((valuesFile) => ({ folder, valuesFile }))];
}

async function variedValues(folder: string): Promise<readonly string[]> {
  const defaults = findValues(join(folder, "values.yaml"));
  if (defaults === undefined) return [];
  const seeds = Array.from({ length: SEEDS }, (_, index) => index + 1);
  const name = folder.replaceAll("/", "_");
  const files = seeds.map((seed) => join(scratch, `${name}-${seed}.yaml`));
  for (const [index, file] of files.entries()) await writeFile(file, JSON.stringify(varyValues(defaults, index + 1)));
  return files;
}

/** Undefined for a file that is no YAML, as a linter's test may want it. */
function findValues(path: string): unknown {
  try {
    return parse(readFileSync(path, "utf8"), { schema: "core", version: "1.1", merge: true });
  } catch {
    return undefined;
  }
}
