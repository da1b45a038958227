import { expect, test } from "vitest";
import { filesToSet, mergeValues } from "../../src/templates/helm/merge-values.ts";
import type { ValuesInput } from "../../src/templates/helm/merge-values.ts";
import { showOnly } from "../../src/templates/helm/show-only.ts";
import { writeYaml } from "../../src/templates/yaml/write-yaml.ts";

function merge(input: Partial<ValuesInput>): string {
  const none = { files: [], set: [], setString: [], setJson: [], setLiteral: [], setFile: [], filesToSet: new Map() };
  return writeYaml(mergeValues({ ...none, ...input }));
}

function file(text: string): ValuesInput["files"][number] {
  return { name: "values.yaml", data: Buffer.from(text) };
}

test("mergeValues() takes files first, then JSON, typed, text, file and literal assignments when all are given", () => {
  const merged = merge({
    files: [file("a: 1\nb: {c: 1, d: 1}\n"), file("b: {d: 2}\n")],
    setJson: ['{"b": {"e": [1]}, "f": "json"}', 'g={"h": null}'],
    set: ["f=typed,t=5"],
    setString: ["s=5"],
    setFile: ["p=motd"],
    filesToSet: new Map([["motd", Buffer.from("welcome\n")]]),
    setLiteral: ["l=a,b={c}"],
  });
  expect(merged).toBe(
    'a: 1\nb:\n  c: 1\n  d: 2\n  e:\n  - 1\nf: typed\ng:\n  h: null\nl: a,b={c}\np: |\n  welcome\ns: "5"\nt: 5\n',
  );
});

test.each([
  [{ files: [file("- 1\n")] }, 'Cannot read values file "values.yaml": it holds no map'],
  [{ files: [file("a: [\n")] }, 'Cannot read values file "values.yaml": error converting YAML to JSON: yaml: line '],
  [{ setJson: ["{1}"] }, 'Cannot set "{1}": '],
  [{ set: ["a"] }, 'Cannot set "a": key "a" has no value'],
])("mergeValues() names what is wrong when it is %j", (input, message) => {
  expect(() => merge(input)).toThrow(message);
});

test("mergeValues() gives no values when a file is empty", () => {
  expect(merge({ files: [file("# nothing\n")] })).toBe("{}\n");
});

test("filesToSet() names each path once when several assignments use it", () => {
  expect(filesToSet(["a=x.txt,b=y.txt", "c[0]=x.txt"])).toEqual(["x.txt", "y.txt"]);
});

const PRINTED =
  "---\n# Source: web/templates/b.yaml\nb: 1\n---\n# Source: web/templates/b.yaml\nb: 2\n---\n# Source: web/charts/c/templates/a.yaml\na: 1\n";

test.each([
  [["templates/b.yaml"], "---\n# Source: web/templates/b.yaml\nb: 1\n---\n# Source: web/templates/b.yaml\nb: 2\n"],
  [["charts/*/templates/*.yaml"], "---\n# Source: web/charts/c/templates/a.yaml\na: 1\n"],
])("showOnly() keeps the documents of %j", (patterns, expected) => {
  expect(showOnly(PRINTED, patterns)).toBe(expected);
});

test("showOnly() refuses a pattern when nothing comes from such a template", () => {
  expect(() => showOnly(PRINTED, ["templates/*/b.yaml"])).toThrow('Cannot show only "templates/*/b.yaml"');
});
