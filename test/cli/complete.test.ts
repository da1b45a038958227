import { expect, test } from "vitest";

import type { CommandEntry } from "../../src/cli/command-table.ts";
import { completeWords } from "../../src/cli/complete.ts";
import { defineCommand } from "../../src/cli/define-command.ts";

const serve = defineCommand({
  flags: {
    port: { type: "integer", short: "p", help: "" },
    kind: { type: "string", choices: ["memory", "disk"], help: "" },
    secret: { type: "boolean", hidden: true, help: "" },
  },
  run: async () => undefined,
  render: () => "",
});
const table: readonly CommandEntry[] = [
  {
    name: "registry",
    summary: "",
    target: {
      kind: "group",
      commands: [{ name: "serve", aliases: ["fs"], summary: "", target: { kind: "command", load: async () => serve } }],
    },
  },
  { name: "reset", summary: "", target: { kind: "command", load: async () => serve } },
  { name: "hidden", summary: "", hidden: true, target: { kind: "command", load: async () => serve } },
];

test.each([
  [[""], ["registry", "reset"]],
  [["rese"], ["reset"]],
  [
    ["help", "re"],
    ["registry", "reset"],
  ],
  [["registry", ""], ["serve"]],
  [
    ["registry", "fs", "--p"],
    ["--port", "--progress"],
  ],
  [["reset", "--s"], []],
  [["reset", "--kind", "d"], ["disk"]],
  [["reset", "-p", ""], []],
  [["reset", "x"], []],
])("completeWords(%j) is %j", async (words, expected) => {
  expect(await completeWords(table, words)).toEqual(expected);
});
