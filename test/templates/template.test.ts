import { expect, test } from "vitest";
import { KnownError } from "../../src/base/error.ts";
import { TemplateError } from "../../src/templates/error.ts";
import { fixed, functionTable } from "../../src/templates/function.ts";
import { standardFunctions } from "../../src/templates/standard-functions.ts";
import { parseTemplate, renderTemplate } from "../../src/templates/template.ts";
import type { ParseOptions } from "../../src/templates/template.ts";
import type { ExecuteOptions } from "../../src/templates/text/execute.ts";

function render(text: string, data: unknown = {}, options: Partial<ParseOptions> & ExecuteOptions = {}): string {
  return renderTemplate(parseTemplate(text, { name: "etc/x.tmpl", ...options }), data, options);
}

function failure(run: () => unknown): TemplateError {
  try {
    run();
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error("expected a TemplateError");
}

test("renderTemplate() fills in fields of plain data when they exist", () => {
  const data = { registryDomain: "sealos.hub", registryPort: "5000", Env: { a: "b" } };
  expect(render(`https://{{ .registryDomain }}:{{ .registryPort }}{{ .Env.a }}{{ .nope }}`, data)).toBe(
    "https://sealos.hub:5000b<no value>",
  );
});

test("renderTemplate() fails with a position when the template asks for a missing key and that is an error", () => {
  const error = failure(() => render("a\n  {{ .b }}", {}, { missingKey: "error" }));
  expect(error).toBeInstanceOf(KnownError);
  expect([error.code, error.template, error.line, error.column]).toEqual(["TEMPLATE", "etc/x.tmpl", 2, 5]);
  expect(error.message).toBe('template: etc/x.tmpl:2:5: executing "etc/x.tmpl" at <.b>: map has no entry for key "b"');
});

test("parseTemplate() fails with the line when the template does not parse", () => {
  const error = failure(() => parseTemplate("a\n{{ if }}", { name: "x" }));
  expect([error.message, error.line]).toEqual(["template: x:2: missing value for if", 2]);
});

test("renderTemplate() reads no prototype when the template asks for its names", () => {
  const names = ["constructor", "__proto__", "valueOf", "hasOwnProperty"];
  for (const name of names) expect(render(`{{ .${name} }}{{ .m.${name} }}`, { m: {} })).toBe("<no value><no value>");
  expect(render(`{{ $d := set (dict) "__proto__" (dict "polluted" 1) }}{{ (dict).polluted }}`)).toBe("<no value>");
  expect(render(`{{ (fromJson .j).x }}`, { j: `{"__proto__":{"x":1}}` })).toBe("<no value>");
  for (const name of names) expect(() => parseTemplate(`{{ ${name} }}`, { name })).toThrow("not defined");
});

test.each([
  [
    "a template calls itself",
    `{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}`,
    "exceeded maximum template depth",
  ],
  ["a loop goes on for too long", "{{ range 1000000000 }}{{ end }}", "exceeded the limit of 10000 steps"],
  ["the output grows too large", `{{ range 1000 }}{{ printf "%0999d" . }}{{ end }}`, "output exceeds the limit"],
  [
    "a string is doubled again and again",
    `{{ $x := "x" }}{{ range 40 }}{{ $x = print $x $x }}{{ end }}`,
    "exceeds the limit",
  ],
  ["a string is repeated too often", `{{ repeat 1000000000 "x" }}`, "result of repeat is too long"],
  ["a list is too long", "{{ until 1000000000 }}", "more than 1000000 elements"],
  ["a map holds itself", `{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ $d }}`, "nested too deeply"],
  [
    "a map that holds itself becomes JSON",
    `{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ mustToJson $d }}`,
    "nested too deeply",
  ],
  ["expressions nest too deeply", `{{ ${"(".repeat(2000)}1${")".repeat(2000)} }}`, "max expression depth exceeded"],
])("renderTemplate() ends with an error when %s", (_, text, message) => {
  expect(failure(() => render(text, {}, { limits: { steps: 10_000, outputLength: 100_000 } })).message).toContain(
    message,
  );
});

test("renderTemplate() ends with an error when statements nest too deeply", () => {
  const text = `${"{{ if 1 }}".repeat(20_000)}${"{{ end }}".repeat(20_000)}`;
  expect(failure(() => render(text)).message).toContain("max statement depth exceeded");
});

test("renderTemplate() matches in linear time when a pattern invites backtracking", () => {
  expect(render(`{{ regexMatch "^(a+)+$" (print (repeat 5000 "a") "b") }}`)).toBe("false");
});

test("renderTemplate() calls the functions it is given when the template was parsed with their names", () => {
  const functions = functionTable({ greet: fixed(["string"], (name) => `Hello ${name}`) });
  expect(render(`{{ greet "you" }}`, {}, { functions })).toBe("Hello you");
});

test("standardFunctions() takes time, randomness and environment from its sources", () => {
  const functions = standardFunctions({
    now: () => 1_700_000_000_000,
    timeZone: "Europe/Paris",
    randomBytes: (count) => new Uint8Array(count),
    environment: new Map([["HOME", "/root"]]),
  });
  const text = `{{ now | date "2006-01-02 15:04 MST" }} {{ randAlpha 3 }} {{ env "HOME" }} {{ expandenv "$HOME/x" }} {{ uuidv4 }}`;
  expect(render(text, {}, { functions })).toBe(
    "2023-11-14 23:13 CET aaa /root /root/x 00000000-0000-4000-8000-000000000000",
  );
});

test("renderTemplate() keeps bytes that are no characters when text was cut inside of one", () => {
  expect(render(`{{ print (trunc 1 "é") | b64enc }} {{ len (trunc 3 "aéb") }} {{ b64dec "/w==" | b64enc }}`)).toBe(
    "ww== 3 /w==",
  );
});

test.each([
  [`{{ ipNet "10.1.2.3/16" }}`, "10.1.0.0/16"],
  [`{{ ipNet "fd00::5/64" }}`, "fd00::/64"],
  [`{{ ipNet "10.1.2.3" }}`, "invalid cidr: invalid CIDR address: 10.1.2.3"],
  [`{{ ipAt "10.96.0.0/12" 10 }}`, "10.96.0.10"],
  [`{{ ipAt "10.0.0.5/30" 3 }}`, "10.0.0.7"],
  [`{{ ipAt "10.0.0.5/30" 4 }}`, "out of ip address range"],
  [`{{ ipAt "nope" 1 }}`, "invalid cidr: invalid CIDR address: nope"],
  [`{{ semverCompare ">=1.20" "" }}`, "false"],
])("renderTemplate() knows the functions of cluster images when the template is %s", (text, expected) => {
  expect(render(text)).toBe(expected);
});
