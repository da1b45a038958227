import { expect, test } from "vitest";

import { parseNameValues } from "../../src/cli/name-value.ts";

test("parseNameValues() keeps everything behind the first equals sign; the last of a name wins", () => {
  expect(parseNameValues("label", ["a=1=2", "b=", "a=3"])).toEqual({ a: "3", b: "" });
});

test("parseNameValues() takes the value of a name alone from the fallback, where there is one", () => {
  expect(parseNameValues("build-arg", ["HOME", "NONE"], { HOME: "/root" })).toEqual({ HOME: "/root" });
  expect(() => parseNameValues("label", ["HOME"])).toThrow('Invalid value "HOME" of --label: expected NAME=VALUE');
  expect(() => parseNameValues("env", ["=x"], {})).toThrow('Invalid value "=x" of --env: expected NAME=VALUE');
});
