import { expect, test } from "vitest";

import { writeFileCommand } from "../../src/hosts/remote-file.ts";
import { Secret } from "../../src/base/secret.ts";

test.each([
  [undefined, "0644"],
  [0o600, "0600"],
  [0o4755, "4755"],
])("writeFileCommand() with mode %s sets %s", (mode, expected) => {
  const file = { path: "/etc/a b/c", content: "x", ...(mode === undefined ? {} : { mode }) };
  expect(writeFileCommand(file).command.argv.slice(4)).toEqual(["/etc/a b/c", "/etc/a b", expected]);
});

test("writeFileCommand() gives a secret as input only", () => {
  const { command, content } = writeFileCommand({ path: "/x", content: new Secret("hunter2") });
  expect([Buffer.from(content).toString(), JSON.stringify(command).includes("hunter2")]).toEqual(["hunter2", false]);
});
