import { expect, test } from "vitest";

import type { CommandEntry } from "../../src/cli/command-table.ts";
import { findCommand } from "../../src/cli/find-command.ts";

const load = (): never => {
  throw new Error("Nothing is loaded to find a command");
};
const serve: CommandEntry = { name: "serve", summary: "", target: { kind: "command", load } };
const registry: CommandEntry = { name: "registry", summary: "", target: { kind: "group", commands: [serve] } };
const build: CommandEntry = { name: "build", aliases: ["bud"], summary: "", target: { kind: "command", load } };
const table = [registry, build];

test("findCommand() follows names down and leaves the rest", () => {
  expect(findCommand(table, ["registry", "serve", "dir", "-p", "1"])).toEqual({
    path: ["registry", "serve"],
    entry: serve,
    rest: ["dir", "-p", "1"],
  });
  expect(findCommand(table, ["bud", "."])).toEqual({ path: ["build"], entry: build, rest: ["."] });
  expect(findCommand(table, ["registry", "--help"]).entry).toBe(registry);
});

test("findCommand() suggests the closest name", () => {
  expect(() => findCommand(table, ["buld"])).toThrow(expect.objectContaining({ hint: 'Did you mean "build"?' }));
  expect(() => findCommand(table, ["registry", "server"])).toThrow('Unknown command "server"');
  expect(() => findCommand(table, ["frobnicate"])).toThrow(
    expect.objectContaining({ hint: "Run `sealos --help` for the list of commands" }),
  );
});
