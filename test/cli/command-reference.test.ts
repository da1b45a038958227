import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { renderReference } from "../../src/cli/command-reference.ts";
import { COMMAND_TABLE } from "../../src/cli/command-table.ts";

const FOLDER = join(import.meta.dirname, "../../docs/reference");

test("docs/reference is what `make docs` writes", async () => {
  const pages = await renderReference(COMMAND_TABLE);
  const wanted = Object.fromEntries(pages.map(({ file, text }) => [file, text]));
  const found = Object.fromEntries(readdirSync(FOLDER).map((file) => [file, readFileSync(join(FOLDER, file), "utf8")]));
  expect(found).toEqual(wanted);
});
