import { expect, test } from "vitest";

import { COMMAND_TABLE } from "../../src/cli/command-table.ts";
import { defineCommand } from "../../src/cli/define-command.ts";
import { renderCommandHelp, renderRootHelp } from "../../src/cli/help.ts";

const serve = defineCommand({
  description: "Longer text.",
  examples: ["sealos registry serve /srv"],
  args: ["directory"],
  flags: {
    port: { type: "integer", short: "p", default: 5000, help: "Port" },
    kind: { type: "string", choices: ["memory", "disk"], help: "Where blobs are" },
    pull: { type: "string", bare: "true", value: "WHEN", help: "When" },
    old: { type: "boolean", hidden: true, help: "Hidden" },
  },
  run: async () => undefined,
  render: () => "",
});

test("renderCommandHelp() shows usage, aliases, examples and visible flags", () => {
  const entry = { name: "serve", aliases: ["fs"], summary: "Serve a registry", target: { kind: "command" } } as const;
  const text = renderCommandHelp(
    ["registry", "serve"],
    { ...entry, target: { kind: "command", load: async () => serve } },
    serve,
  );
  expect(text.split("\nFlags of every command:")[0]).toBe(
    [
      "Serve a registry.",
      "",
      "Longer text.",
      "",
      "Usage:",
      "  sealos registry serve [FLAGS] DIRECTORY",
      "",
      "Aliases:",
      "  serve, fs",
      "",
      "Examples:",
      "  sealos registry serve /srv",
      "",
      "Flags:",
      "  -p, --port NUMBER  Port (default 5000)",
      "      --kind TEXT    Where blobs are: memory, disk",
      "      --pull[=WHEN]  When",
      "",
    ].join("\n"),
  );
});

test("renderRootHelp() groups the commands and hides what is hidden", () => {
  const text = renderRootHelp(COMMAND_TABLE);
  expect(text).toMatch(/Cluster commands:\n {2}run .*[\s\S]*Container and image commands:\n {2}build /);
  expect(text).not.toContain("complete ");
});

test("every command of the table can be loaded and its flags are distinct", async () => {
  for (const { name, target } of COMMAND_TABLE) {
    if (target.kind === "group") continue;
    const { flags } = await target.load();
    const shorts = Object.values(flags).flatMap(({ short }) => short ?? []);
    expect(new Set(shorts).size, name).toBe(shorts.length);
    expect(
      shorts.every((short) => short.length === 1),
      name,
    ).toBe(true);
  }
});
