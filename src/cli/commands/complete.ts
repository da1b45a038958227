import { COMMAND_TABLE } from "../command-table.ts";
import { completeWords } from "../complete.ts";
import { defineCommand } from "../define-command.ts";

export const complete = defineCommand({
  description: "What completion scripts call: `sealos complete -- WORD...`, the last word being the one to complete.",
  args: ["[word...]"],
  run: async (_, { args }) => completeWords(COMMAND_TABLE, args.word),
  render: (words) => words.join("\n"),
});
