import { expect, test } from "vitest";

import { backgroundContext } from "../../src/base/context.ts";
import { defineCommand } from "../../src/cli/define-command.ts";
import { testEnvironment } from "./environment.ts";

const greet = defineCommand({
  args: ["name"],
  flags: {
    times: { type: "integer", default: 1, help: "How often" },
    cgroups: { type: "string", ignored: true, hidden: true, help: "" },
    squash: { type: "boolean", unsupported: true, hidden: true, help: "" },
  },
  output: "json",
  run: async (_, { args, flags }) => ({ words: Array.from({ length: flags.times }, () => args.name) }),
  render: ({ words }) => words.join(" "),
});

test("defineCommand() makes a command whose result is data and text", async () => {
  const result = await greet.prepare(["Ada", "--times=2"]).run(backgroundContext(), testEnvironment());
  expect(result).toEqual({ data: { words: ["Ada", "Ada"] }, text: "Ada Ada", notes: [], exitCode: 0 });
});

test("prepare() tells the format of the result and the flags that do nothing", () => {
  const invocation = greet.prepare(["Ada", "-o", "json", "--cgroups", "x"]);
  expect(invocation.output).toBe("json");
  expect(invocation.ignoredFlags).toEqual(["cgroups"]);
});

test("prepare() refuses wrong arguments before anything runs", () => {
  expect(() => greet.prepare([])).toThrow("Missing argument NAME");
  expect(() => greet.prepare(["Ada", "--squash"])).toThrow("The flag --squash is known but not supported yet");
  expect(greet.prepare(["--help"]).global.help).toBe(true);
});
