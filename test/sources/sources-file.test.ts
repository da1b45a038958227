import { expect, test } from "vitest";

import { parseSourcesFile } from "../../src/sources/sources-file.ts";

test("parseSourcesFile() fills in what is left out", () => {
  expect(parseSourcesFile("artifacts: [{ name: a, compile: { source: a.c, program: a } }]", "sources.yaml")).toEqual({
    arguments: {},
    artifacts: [{ name: "a", compile: { source: "a.c", flags: [], program: "a" } }],
  });
});

test("parseSourcesFile() names line and column of every violation when the file is wrong", () => {
  const text = ["artifacts:", "  - name: 1", "    modul: {}", "  - name: b", "    text: { f: line }", ""].join("\n");
  expect(() => parseSourcesFile(text, "images/x/sources.yaml")).toThrow(
    expect.objectContaining({
      code: "INVALID_INPUT",
      message: expect.stringMatching(
        /^Cannot read sources "images\/x\/sources.yaml":\n(.*\n)*.*:2:11: artifacts\.0\.name: (.*\n)*.*:5:16: artifacts\.1\.text\.f: /,
      ),
    }),
  );
});
