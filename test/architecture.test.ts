import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { expect, test } from "vitest";

const SOURCE = join(import.meta.dirname, "../src");

/** Rows from bottom to top, as in docs/architecture.md: a folder imports from lower rows only. */
const LAYERS = [
  ["base"],
  ["oci", "kubefile", "templates", "archive", "hosts", "kubernetes", "pki"],
  ["runtimes", "store", "registry", "sources"],
  ["cluster", "build"],
  ["actions"],
  ["cli"],
  ["main.ts"],
];

/** The one file or folder where a package enters; everything else goes through it. */
const PACKAGE_HOMES: Readonly<Record<string, readonly string[]>> = {
  ajv: ["templates/"],
  "ajv/dist/2019.js": ["templates/"],
  "ajv/dist/2020.js": ["templates/"],
  bcryptjs: ["registry/"],
  valibot: ["cluster/", "sources/"],
  yaml: ["kubernetes/yaml.ts", "templates/"],
};

const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));

function importsOf(file: string): string[] {
  const text = readFileSync(join(SOURCE, file), "utf8");
  return [...text.matchAll(/^(?:import|export)[^;]*?from "([^"]+)"|import\("([^"]+)"\)/gm)].map(
    (match) => match[1] ?? match[2] ?? "",
  );
}

function localImportsOf(file: string): string[] {
  return importsOf(file)
    .filter((target) => target.startsWith("."))
    .map((target) => relative(SOURCE, normalize(join(SOURCE, dirname(file), target))));
}

function folderOf(file: string): string {
  return file.split("/", 1)[0] ?? "";
}

function layerOf(file: string): number {
  return LAYERS.findIndex((row) => row.includes(folderOf(file)));
}

test("every source file is in a folder of the layer table", () => {
  expect(files.filter((file) => layerOf(file) < 0)).toEqual([]);
});

test("every import points at its own folder or down the layers", () => {
  const wrong = files.flatMap((file) =>
    localImportsOf(file)
      .filter((target) => folderOf(target) !== folderOf(file) && layerOf(target) >= layerOf(file))
      .map((target) => `${file} -> ${target}`),
  );
  expect(wrong).toEqual([]);
});

test("every package enters the project in its one home", () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((target) => !target.startsWith(".") && !target.startsWith("node:"))
      .filter((target) => !(PACKAGE_HOMES[target] ?? []).some((home) => file.startsWith(home)))
      .map((target) => `${file} -> ${target}`),
  );
  expect(wrong).toEqual([]);
});

test("no source file is longer than 400 lines or a barrel", () => {
  const wrong = files.filter((file) => {
    const text = readFileSync(join(SOURCE, file), "utf8");
    return text.split("\n").length > 401 || /^export \* from/m.test(text);
  });
  expect(wrong).toEqual([]);
});
