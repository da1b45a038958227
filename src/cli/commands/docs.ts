import { join } from "node:path";

import { writeFileAtomic } from "../../base/atomic-file.ts";
import { renderReference } from "../command-reference.ts";
import { COMMAND_TABLE } from "../command-table.ts";
import { defineCommand } from "../define-command.ts";
import { renderKubefileReference } from "../kubefile-reference.ts";

export const docs = defineCommand({
  description: "Writes the reference of all commands and instructions as Markdown.",
  flags: {
    path: { type: "string", short: "p", value: "DIR", default: "docs/reference", help: "Folder for the pages" },
  },
  async run(_, { flags }) {
    const pages = [...(await renderReference(COMMAND_TABLE)), ...renderKubefileReference()];
    for (const { file, text } of pages) await writeFileAtomic(join(flags.path, file), text);
    return pages.length;
  },
  render: (count, { flags }) => `Wrote ${count} pages to ${flags.path}`,
});
