import { describe, expect, test } from "vitest";

import { UsageError } from "../../src/base/error.ts";
import { parseArguments } from "../../src/cli/parse-arguments.ts";
import type { FlagSpecs } from "../../src/cli/flag.ts";

const SPECS = {
  passwd: { type: "string", short: "p", help: "" },
  force: { type: "boolean", short: "f", help: "" },
  quiet: { type: "boolean", short: "q", help: "" },
  port: { type: "integer", default: 22, help: "" },
  env: { type: "list", short: "e", help: "" },
  label: { type: "array", help: "" },
  pull: { type: "string", bare: "true", default: "missing", choices: ["true", "missing"], help: "" },
  secret: { type: "string", hidden: true, help: "" },
} as const satisfies FlagSpecs;

describe("parseArguments() reads flags as pflag does", () => {
  const cases: readonly (readonly [string, readonly string[], Readonly<Record<string, unknown>>, readonly string[]])[] =
    [
      ["nothing", [], { passwd: undefined, force: false, port: 22, env: [], pull: "missing" }, []],
      ["a value behind a blank", ["--passwd", "x"], { passwd: "x" }, []],
      ["a value behind an equals sign", ["--passwd=x=y"], { passwd: "x=y" }, []],
      ["an empty value", ["--passwd="], { passwd: "" }, []],
      ["a value that looks like a flag", ["--passwd", "-x"], { passwd: "-x" }, []],
      ["a short flag with its value", ["-p", "x"], { passwd: "x" }, []],
      ["a short flag joined to its value", ["-px"], { passwd: "x" }, []],
      ["a short flag with an equals sign", ["-p=x"], { passwd: "x" }, []],
      ["several short flags in one", ["-fqp", "x"], { force: true, quiet: true, passwd: "x" }, []],
      ["a boolean with a value", ["--force=false", "-q=true"], { force: false, quiet: true }, []],
      ["a boolean that takes no word", ["--force", "false"], { force: true }, ["false"]],
      ["the last one of two", ["--port", "1", "--port=2"], { port: 2 }, []],
      ["lists with commas and repeated", ["-e", "A=1,B=2", "--env=C=3"], { env: ["A=1", "B=2", "C=3"] }, []],
      ["quotes in lists", ["-e", 'A=1,"B=2,3","say ""x"""'], { env: ["A=1", "B=2,3", 'say "x"'] }, []],
      ["an empty list and empty fields", ["-e", "", "-e", "a,,b"], { env: ["a", "", "b"] }, []],
      ["arrays without splitting", ["--label", "a=1,2", "--label", "b"], { label: ["a=1,2", "b"] }, []],
      ["an optional value that is left out", ["--pull", "x"], { pull: "true" }, ["x"]],
      ["an optional value", ["--pull=missing"], { pull: "missing" }, []],
      ["flags behind words", ["a", "-f", "b", "-"], { force: true }, ["a", "b", "-"]],
      ["words behind two dashes", ["-f", "--", "-q", "--", "x"], { force: true, quiet: false }, ["-q", "--", "x"]],
    ];
  test.each(cases)("%s", (_, argv, values, words) => {
    const parsed = parseArguments(SPECS, argv);
    expect(parsed.values).toMatchObject(values);
    expect(parsed.words).toEqual(words);
  });
});

describe("parseArguments() refuses", () => {
  const cases: readonly (readonly [readonly string[], string, string | undefined])[] = [
    [["--forse"], "Unknown flag --forse", "Did you mean --force?"],
    [["--secreet"], "Unknown flag --secreet", undefined],
    [["--constructor"], "Unknown flag --constructor", undefined],
    [["-fx"], "Unknown flag -x", undefined],
    [["--passwd"], "Missing value of --passwd", undefined],
    [["-p"], "Missing value of --passwd", undefined],
    [["--port=abc"], 'Invalid value "abc" of --port: expected a whole number', undefined],
    [["--force=maybe"], 'Invalid value "maybe" of --force: expected true or false', undefined],
    [["--pull=often"], 'Invalid value "often" of --pull: expected one of true, missing', undefined],
    [
      ["-e", 'a"b'],
      'Invalid value "a"b" of --env: expected values with commas between them, quotes around a whole value',
      undefined,
    ],
  ];
  test.each(cases)("%j", (argv, message, hint) => {
    const attempt = (): unknown => parseArguments(SPECS, argv);
    expect(attempt).toThrow(UsageError);
    expect(attempt).toThrow(expect.objectContaining({ message, hint }));
  });
});

test("parseArguments() leaves everything behind the first word alone when it stops there", () => {
  expect(parseArguments(SPECS, ["-f", "run", "--unknown"], { stopAtWord: true }).words).toEqual(["run", "--unknown"]);
});
