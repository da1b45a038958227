import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { renderReference } from "../../src/cli/command-reference.ts";
import { COMMAND_TABLE } from "../../src/cli/command-table.ts";
import { renderKubefileReference } from "../../src/cli/kubefile-reference.ts";

const FOLDER = join(import.meta.dirname, "../../docs/reference");

test("docs/reference is what `make docs` writes", async () => {
  const pages = [...(await renderReference(COMMAND_TABLE)), ...renderKubefileReference()];
  const wanted = Object.fromEntries(pages.map(({ file, text }) => [file, text]));
  const found = Object.fromEntries(
    readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".md"))
      .map((file) => [file, readFileSync(join(FOLDER, file), "utf8")]),
  );
  expect(found).toEqual(wanted);
});
