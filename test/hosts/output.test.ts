import { describe, expect, test } from "vitest";

import { LineSplitter, OutputTail } from "../../src/hosts/output.ts";

function tailOf(limitBytes: number, ...texts: string[]): [string, boolean] {
  const tail = new OutputTail(limitBytes);
  for (const text of texts) tail.add(Buffer.from(text));
  return [tail.toString(), tail.isTruncated];
}

function linesOf(...chunks: (string | Buffer)[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.add(Buffer.from(chunk));
  splitter.end();
  return lines;
}

describe("OutputTail", () => {
  test.each<[string, number, string[], [string, boolean]]>([
    ["nothing", 5, [], ["", false]],
    ["all that fits", 5, ["ab", "cde"], ["abcde", false]],
    ["the end of many chunks", 5, ["ab", "cd", "ef", "gh"], ["defgh", true]],
    ["the end of one chunk", 3, ["abcdefgh"], ["fgh", true]],
    ["whole characters only", 3, ["aéé"], ["é", true]],
  ])("toString() gives %s", (_, limit, texts, expected) => {
    expect(tailOf(limit, ...texts)).toEqual(expected);
  });
});

describe("LineSplitter", () => {
  test.each<[string, (string | Buffer)[], string[]]>([
    ["nothing", [], []],
    ["lines across chunks", ["a\nb", "c\n", "\nd"], ["a", "bc", "", "d"]],
    ["CRLF", ["a\r\nb\r", "\n"], ["a", "b"]],
    ["a character cut in two", [Buffer.from([0xc3]), Buffer.from([0xa9, 0x0a])], ["é"]],
    ["half a character at the end", [Buffer.from([0x61, 0xc3])], ["a\ufffd"]],
  ])("add() and end() give lines of %s", (_, chunks, expected) => {
    expect(linesOf(...chunks)).toEqual(expected);
  });

  test("add() cuts a line that does not end", () => {
    expect(linesOf("x".repeat(70_000), "y\n").map((line) => line.length)).toEqual([70_000, 1]);
  });
});
