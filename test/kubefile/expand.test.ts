import { expect, test } from "vitest";

import { expandHeredoc, expandToWords, expandWord } from "../../src/kubefile/expand.ts";
import type { Escape } from "../../src/kubefile/logical-line.ts";

const VARIABLES: Readonly<Record<string, string>> = {
  A: "1",
  EMPTY: "",
  PATH_: "/usr/local/bin",
  FILE: "app.tar.gz",
  STAR: "*",
  WORDS: " 80  443 ",
  EMOJI: "a😀b",
};

const lookup = (name: string) => VARIABLES[name];

function expand(word: string, escape: Escape = "\\"): string {
  return expandWord(word, { lookup, escape });
}

test.each([
  ["plain", "plain"],
  ["$A", "1"],
  ["${A}b", "1b"],
  ["$Ab", ""],
  ["x$UNSET-y", "x-y"],
  ["$(X)", "$(X)"],
  ["a$$A", "a$1"],
  ["cost: 5$", "cost: 5$"],
  ["$1$@x$*", "$@x$*"],
  ["\\$A", "$A"],
  ['"\\$A"', "$A"],
  ["'$A'", "$A"],
  ["'\\$A'", "\\$A"],
  ['"$A b"', "1 b"],
  ['"a\\\'b"', "a\\'b"],
  ["'a\\'b''", "a\\b"],
  ['"a\\"b\\\\c\\d"', 'a"b\\c\\d'],
  ["a\\ b", "a b"],
  ["end\\", "end"],
  ['""', ""],
  ["${UNSET:-d}", "d"],
  ["${EMPTY:-d}", "d"],
  ["${EMPTY-d}", ""],
  ["${UNSET-d}", "d"],
  ["${A:-d}", "1"],
  ["${UNSET:-$A}", "1"],
  ['${UNSET:-"a  b"}', "a  b"],
  ["${UNSET:-${EMPTY:-x}y}", "xy"],
  ['"${UNSET:-"q"}"', "q"],
  ["${A:+set}", "set"],
  ["${EMPTY:+set}", ""],
  ["${EMPTY+set}", "set"],
  ["${UNSET+set}", ""],
  ["${A:?wanted}", "1"],
  ["${PATH_#/*/}", "local/bin"],
  ["${PATH_##*/}", "bin"],
  ["${PATH_%/*}", "/usr/local"],
  ["${PATH_%%/*}", ""],
  ["${FILE%.gz}", "app.tar"],
  ["${FILE%%.*}", "app"],
  ["${FILE#zip}", "app.tar.gz"],
  ["${FILE/./-}", "app-tar.gz"],
  ["${FILE//./-}", "app-tar-gz"],
  ["${FILE//a}", "pp.tr.gz"],
  ["${FILE/t*/x}", "app.x"],
  ["${FILE//'*'/x}", "app.tar.gz"],
  ["${STAR#\\*}", ""],
  ["${EMOJI%?}", "a😀"],
  ["${EMOJI#a?}", "b"],
])("expandWord() makes of %s what a shell does", (word, expected) => {
  expect(expand(word)).toBe(expected);
});

test.each([
  ["'a\\'b'", "The closing ' is missing"],
  ['"a', 'The closing " is missing'],
  ["${A", 'A "}" is missing'],
  ["${A:-x", 'A "}" is missing'],
  ["${A!z}", '"!" is not an operator'],
  ["${A:z}", '":z" is not an operator'],
  ["${}", 'A variable\'s name is missing after "${"'],
  ["${UNSET:?give it}", '"UNSET" must be set: give it'],
  ["${EMPTY:?}", '"EMPTY" must be set: it is not'],
])("expandWord() refuses %s", (word, message) => {
  expect(() => expand(word)).toThrow(message);
});

test("expandWord() escapes with the file's own character", () => {
  expect(expand("`$A C:\\dir", "`")).toBe("$A C:\\dir");
});

test("expandWord() takes linear time for patterns that make others backtrack", () => {
  const value = "a".repeat(20_000);
  const word = `\${V##${"*a".repeat(50)}b}`;
  expect(expandWord(word, { lookup: () => value, escape: "\\" })).toBe(value);
});

function split(word: string): string[] {
  return expandToWords(word, { lookup, escape: "\\" });
}

test("expandToWords() splits what variables bring in, not what is quoted", () => {
  expect(split("$WORDS")).toEqual(["80", "443"]);
  expect(split('"$WORDS"')).toEqual([" 80  443 "]);
  expect(split("1$A")).toEqual(["11"]);
  expect(split("$UNSET")).toEqual([]);
  expect(split('""')).toEqual([""]);
});

test("expandHeredoc() replaces variables and keeps quotes", () => {
  const content = `"$A" '\${UNSET:-d}' \\$A \\\\ \\n\n`;
  expect(expandHeredoc(content, { lookup, escape: "\\" })).toBe(`"1" 'd' $A \\ \\n\n`);
});
