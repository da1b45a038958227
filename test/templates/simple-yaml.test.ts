import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { splitManifests } from "../../src/templates/helm/manifests.ts";
import { readFullYaml } from "../../src/templates/yaml/read-yaml.ts";
import { findSimpleYaml } from "../../src/templates/yaml/simple-yaml.ts";

test.each([
  "a: 1",
  "a: 1\n",
  "",
  "# only a comment\n",
  "a:\n  b: x\n  c:\n    - 1\n    - d: e\n      f: g\n    - - h\n      - i\nj: {}\nk: []",
  "a:\n- 1\n- b: 2\n  c: 3\nd: null\n",
  "a: 'it''s' # comment\nb: \"x\\n\\\"y\\\"\" # c\nc: plain # d\nd: a#b\n",
  "a: yes\nb: 0x1F\nc: 1e3\nd: 12:30\ne: 2024-01-02\nf: ~\ng:\nh: ''\n",
  "a: |\n  x\n   y\n\n  z\n\nb: |-\n  x\n\nc: |+\n  x\n\nd: 1\n",
  "a: |\n  x",
  "a: |-\n  x\n  # no comment\nb: 1",
  "- a\n-\n- - b\n-\n  c: d\n- |\n  x\n- e: |\n    y\n",
  "  a: 1\n  b:\n    - c\n",
  "a: http://x:80/y\nb: a,b\nc: x y z\nd: -5\ne: .5\n",
  "url/key.x: 1\n\"quoted key\": 2\n'single': 3\n",
  "a: 1\na: 2\n",
  "a: []\nb:\n  - {}\n",
  'a: é\nb: "日本"\n',
  "a: [1, 2]\nb: {c: d, 'e f': \"g,h\", i: [j k, {l: 0x10}], m: -1.5} # n\n",
  "- {a: b}\n- [c, [], {}, [ d , 'e''f' ]]\n- { a: null, b: yes, c: 0777 }\n",
])("findSimpleYaml() reads what the full reader reads when the document is %j", (text) => {
  const simple = findSimpleYaml(text);
  expect(simple).not.toBeUndefined();
  expect(simple).toEqual(readFullYaml(text));
});

test.each([
  "a: b: c",
  "a: [1, 2,]",
  "a: [1,\n  2]",
  "a: {b}",
  "a: {b:c}",
  "a: {b: c: d}",
  "a: [b: c]",
  "a: [*x]",
  "a: {1: b}",
  "a: {b: c} d",
  "a: [http://x]",
  "a: &x 1",
  "a: *x",
  "a: !!str 1",
  "a: >\n  folded\n",
  "a: plain\n  continued\n",
  'a: "open\n  close"',
  'a: "\\u00e9"',
  "---\na: 1",
  "a: 1\n b: 2",
  "  a: 1\nb: 2",
  "a:\n    b: 1\n  c: 2",
  "? a\n: b",
  "<<: {a: 1}",
  "yes: 1",
  "1: 2",
  "a: 1\n- b",
  "- a\nb: 1",
  "a: .inf",
  "a: @x",
  "a:\tb",
  "a: |2\n    x\n",
  "a: |\n  x\n y\n",
  "just text",
  "a: x: \n",
  "%YAML 1.1\n---\na: 1",
  "a: 1\r\nb: 2",
  'a: "x" y',
  "- - a\n -  b",
])("findSimpleYaml() leaves it to the full reader when the document is %j", (text) => {
  expect(findSimpleYaml(text)).toBeUndefined();
});

test("findSimpleYaml() reads what the full reader reads when the documents are rendered charts", () => {
  const cases: readonly { readonly output?: string }[] = JSON.parse(
    readFileSync(join(import.meta.dirname, "helm/cases.json"), "utf8"),
  );
  const documents = cases.flatMap(({ output = "" }) => splitManifests(output));
  const simple = documents.filter((document) => findSimpleYaml(document) !== undefined);
  expect(simple.length).toBeGreaterThan(documents.length / 2);
  for (const document of simple) expect(findSimpleYaml(document)).toEqual(readFullYaml(document));
});
