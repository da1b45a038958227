import { expect, test } from "vitest";

import { KubefileError } from "../../src/kubefile/errors.ts";
import type { Instruction, Word } from "../../src/kubefile/instruction.ts";
import { parseKubefile, renderKubefile } from "../../src/kubefile/parse.ts";
import { positionOf } from "../../src/kubefile/source.ts";

function parseOne(text: string): Instruction | undefined {
  return parseKubefile(`FROM scratch\n${text}`, "Kubefile").instructions[1];
}

/** The instruction without its places. */
function shapeOf(text: string): unknown {
  return withoutPlaces(parseOne(text));
}

function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (typeof value !== "object" || value === null) return value;
  if (isWord(value)) return value.text;
  const entries = Object.entries(value).filter(([key]) => key !== "span" && key !== "keyword" && key !== "text");
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutPlaces(inner)]));
}

function isWord(value: object): value is Word {
  return "text" in value && Object.keys(value).toSorted().join() === "span,text";
}

function codesOf(text: string): string[] {
  try {
    parseKubefile(text, "Kubefile");
  } catch (error) {
    if (!(error instanceof KubefileError)) throw error;
    return error.diagnostics.map(({ code, start }) => `${start.line}:${start.column} ${code}`);
  }
  return [];
}

test.each([
  ["FROM a", { image: "a", stage: undefined, flags: [] }],
  ["FROM --platform=$P a:1 as Web", { image: "a:1", stage: "web", flags: [{ name: "platform", value: "$P" }] }],
  ["ARG A", { pairs: [{ name: "A", value: undefined }] }],
  [
    'ARG A="x y" B',
    {
      pairs: [
        { name: "A", value: '"x y"' },
        { name: "B", value: undefined },
      ],
    },
  ],
  ["ENV a 1 b 3", { pairs: [{ name: "a", value: "1 b 3" }] }],
  [
    "ENV A=1 B=$A",
    {
      pairs: [
        { name: "A", value: "1" },
        { name: "B", value: "$A" },
      ],
    },
  ],
  ["ENV A=", { pairs: [{ name: "A", value: "" }] }],
  [
    'LABEL "a b"=c d.e/f="g=h"',
    {
      pairs: [
        { name: '"a b"', value: "c" },
        { name: "d.e/f", value: '"g=h"' },
      ],
    },
  ],
  ["LABEL init=x\\ \\$y", { pairs: [{ name: "init", value: "x\\ \\$y" }] }],
  ["copy a b c/", { kind: "COPY", sources: ["a", "b"], destination: "c/" }],
  ['COPY ["a b", "c"]', { sources: ["a b"], destination: "c" }],
  [
    "COPY --from=0 --chown=1:2 -- --odd .",
    { sources: ["--odd"], destination: ".", flags: [{ name: "from" }, { name: "chown" }] },
  ],
  ['ADD "a b" /', { kind: "ADD", sources: ['"a b"'], destination: "/" }],
  ["WORKDIR /a b", { value: "/a b" }],
  ["USER a:b", { value: "a:b" }],
  ["MAINTAINER me $A", { value: "me $A" }],
  ["EXPOSE 80 $P/udp", { words: ["80", "$P/udp"] }],
  ['VOLUME ["/a"]', { words: ["/a"] }],
  ["VOLUME /a /b", { words: ["/a", "/b"] }],
  ['CMD ["a  b",  "c\\n"]', { command: { form: "exec", arguments: ["a  b", "c\n"] } }],
  ['CMD ["a", "]"] # no', { command: { form: "exec", arguments: ["a", "]"] } }],
  ["CMD []", { command: { form: "exec", arguments: [] } }],
  ['ENTRYPOINT ["a", "b"]', { kind: "ENTRYPOINT", command: { form: "exec", arguments: ["a", "b"] } }],
  ["RUN --network=none ls", { command: { form: "shell" }, heredocs: [] }],
  ["HEALTHCHECK NONE", { command: undefined }],
  ["HEALTHCHECK --interval=3s CMD x y", { command: { form: "shell" }, flags: [{ name: "interval", value: "3s" }] }],
  ["ONBUILD COPY a b", { trigger: { kind: "COPY", sources: ["a"], destination: "b" } }],
])("parseKubefile() reads %s", (text, expected) => {
  expect(shapeOf(text)).toMatchObject(expected);
});

test.each([
  ["CMD a  'b' \\\n  # no\n\n  && c  ", "a  'b'   && c"],
  ["CMD ['a']", "['a']"],
  ['CMD ["\\$V"]', '["\\$V"]'],
])("parseKubefile() keeps the shell form of %j byte for byte", (text, expected) => {
  expect(parseOne(text)).toMatchObject({ command: { form: "shell", text: expected } });
});

test.each([
  ["a\\\nb", "ab"],
  ["a \\  \n  b", "a   b"],
  ["a \\\r\nb\r\n", "a b"],
  ["a \\\n# comment\n\n  # another\nb", "a b"],
  ['"a \\\n # inside quotes\n b"', '"a  b"'],
  ["a \\\n", "a"],
  ["a\\\\\nLABEL x=y", "a\\\\"],
])("parseKubefile() joins the lines of %j", (text, expected) => {
  expect(parseOne(`MAINTAINER ${text}`)).toMatchObject({ value: { text: expected } });
});

test("parseKubefile() continues lines with the character that the escape directive names", () => {
  const kubefile = parseKubefile("# syntax=x\n# Escape = `\nFROM scratch\nMAINTAINER C:\\ `\n b\n", "Kubefile");
  expect(kubefile.escape).toBe("`");
  expect(kubefile.directives.map(({ name, value }) => [name, value])).toEqual([
    ["syntax", "x"],
    ["escape", "`"],
  ]);
  expect(kubefile.instructions[1]).toMatchObject({ value: { text: "C:\\  b" } });
});

test("parseKubefile() takes a directive behind a comment for a comment", () => {
  expect(parseKubefile("# hello\n# escape=`\nFROM scratch\n", "Kubefile").escape).toBe("\\");
});

test("parseKubefile() reads heredocs: several, raw, without tabs", () => {
  const text = `COPY <<ONE <<-"TWO" a /dir/\none $A\nONE\n\t\ttwo $A\n\tTWO\nLABEL a=b\n`;
  const kubefile = parseKubefile(`FROM scratch\n${text}`, "Kubefile");
  expect(withoutPlaces(kubefile.instructions[1])).toMatchObject({
    sources: ["a"],
    destination: "/dir/",
    heredocs: [
      { name: "ONE", expands: true, content: "one $A\n" },
      { name: "TWO", expands: false, content: "two $A\n" },
    ],
  });
  expect(kubefile.instructions[2]?.kind).toBe("LABEL");
});

test("parseKubefile() gives the places of words behind continuations", () => {
  const kubefile = parseKubefile('FROM scratch\nENV A=1 \\\n  # no\n  B="2"\n', "Kubefile");
  const env = kubefile.instructions[1];
  const value = env?.kind === "ENV" ? env.pairs[1]?.value : undefined;
  expect(value?.text).toBe('"2"');
  expect(kubefile.source.text.slice(value?.span.start, value?.span.end)).toBe('"2"');
  expect(positionOf(kubefile.source, value?.span.start ?? 0)).toEqual({ line: 4, column: 5 });
});

test.each([
  ["", ["1:1 MISSING_FROM"]],
  ["# only\n", ["2:1 MISSING_FROM"]],
  ["ARG A\nLABEL a=b\n", ["2:1 MISSING_FROM"]],
  ["FROM scratch\nCOPPY a b\n", ["2:1 UNKNOWN_INSTRUCTION"]],
  ["FROM scratch\n  COPY --form=x a b\n", ["2:8 UNKNOWN_FLAG"]],
  ["FROM scratch\nCOPY --from= a b\n", ["2:6 INVALID_FLAG"]],
  ["FROM scratch\nCOPY --link=maybe a b\n", ["2:6 INVALID_FLAG"]],
  ["FROM scratch\nCOPY --chmod=1 --chmod=2 a b\n", ["2:16 DUPLICATE_FLAG"]],
  ["FROM scratch\nCOPY a\n", ["2:6 MISSING_ARGUMENT"]],
  ["FROM scratch\nCMD\n", ["2:1 MISSING_ARGUMENT"]],
  ["FROM scratch\nENV A=1 # x\n", ["2:9 INVALID_PAIR"]],
  ["FROM scratch\nENV A\n", ["2:5 INVALID_PAIR"]],
  ["FROM scratch\nENV =1\n", ["2:5 INVALID_PAIR"]],
  ['FROM scratch\nLABEL a="b\n', ["2:9 INVALID_EXPANSION"]],
  ["FROM scratch\nENV A=${B!c}\n", ["2:7 INVALID_EXPANSION"]],
  ["FROM a b\n", ["1:8 INVALID_ARGUMENT"]],
  ["FROM a AS b c\n", ["1:13 INVALID_ARGUMENT"]],
  ["FROM a AS 1x\n", ["1:11 INVALID_ARGUMENT"]],
  ['FROM scratch\nCMD ["a", 1]\n', ["2:5 JSON_FORM"]],
  ["FROM scratch\nSHELL /bin/sh\n", ["2:7 JSON_FORM"]],
  ["FROM scratch\nHEALTHCHECK X\n", ["2:13 INVALID_ARGUMENT"]],
  ["FROM scratch\nHEALTHCHECK NONE x\n", ["2:18 EXTRA_ARGUMENT"]],
  ["FROM scratch\nONBUILD FROM x\n", ["2:9 INVALID_ARGUMENT"]],
  ["FROM scratch\nCOPY <<EOF /x\nhello\n", ["2:6 HEREDOC"]],
  ["# escape=x\nFROM scratch\n", ["1:1 INVALID_DIRECTIVE"]],
  ["# syntax=a\n# syntax=b\nFROM scratch\n", ["2:1 INVALID_DIRECTIVE"]],
  ["FROM scratch\nLABEL a=\0\n", ["2:9 NUL_BYTE"]],
])("parseKubefile() finds what is wrong with %j", (text, expected) => {
  expect(codesOf(text)).toEqual(expected);
});

test("parseKubefile() names everything that is wrong at once, in the order of the file", () => {
  expect(codesOf("FROM scratch\nFOO\nCOPY a\nENV A\nLABEL b=${\n")).toEqual([
    "2:1 UNKNOWN_INSTRUCTION",
    "3:6 MISSING_ARGUMENT",
    "4:5 INVALID_PAIR",
    "5:9 INVALID_EXPANSION",
  ]);
});

test("parseKubefile() warns of a command that only looks like JSON or has more behind it", () => {
  const { warnings } = parseKubefile("FROM scratch\nCMD ['a']\nCMD [ -f x ]\nCMD [] x\n", "Kubefile");
  expect(warnings.map(({ code, severity, start }) => [code, severity, start.line])).toEqual([
    ["JSON_FORM", "warning", 2],
    ["JSON_FORM", "warning", 4],
  ]);
});

const WORDS = [
  "FROM",
  "scratch",
  "COPY",
  "ENV",
  "LABEL",
  "A=1",
  "$",
  "{",
  "}",
  ":-",
  '"',
  "'",
  "\\",
  "\n",
  "\r\n",
  " ",
];
const MORE_WORDS = [
  "#",
  "<<EOF",
  "EOF",
  "[",
  "]",
  ",",
  "\t",
  "--from=",
  "\ufeff",
  "\0",
  "ONBUILD",
  "é",
  "😀",
  "# escape=`",
];

/** A small generator with a fixed start: the same texts every time. */
function* randomTexts(count: number): Generator<string> {
  const words = [...WORDS, ...MORE_WORDS];
  let state = 42;
  const next = (limit: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % limit;
  };
  for (let index = 0; index < count; index++) {
    yield Array.from({ length: next(40) }, () => words[next(words.length)]).join(next(2) === 0 ? "" : " ");
  }
}

test("parseKubefile() reads or refuses any text, and renderKubefile() gives back what was read", () => {
  let read = 0;
  for (const random of randomTexts(3000)) {
    for (const text of [random, `FROM scratch\n${random}`]) {
      try {
        expect(renderKubefile(parseKubefile(text, "Kubefile"))).toBe(text);
        read++;
      } catch (error) {
        if (!(error instanceof KubefileError)) throw error;
      }
    }
  }
  expect(read).toBeGreaterThan(100);
});

test("renderKubefile() keeps a byte order mark, CRLF, comments and a missing last line break", () => {
  const text =
    '\ufeff# syntax=x\r\n\r\nFROM scratch\r\n# c\r\nENV A="1 \\\r\n # in\r\n 2"\r\nCOPY <<E /x\r\nhi\r\nE\r\nCMD ["a"]';
  expect(renderKubefile(parseKubefile(text, "Kubefile"))).toBe(text);
});

test("parseKubefile() takes ten thousand continued lines in no time", () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => `  A${index}=1 \\\n`).join("");
  const env = parseOne(`ENV ${lines}  LAST=1\n`);
  expect(env?.kind === "ENV" ? env.pairs.length : 0).toBe(10_001);
});
