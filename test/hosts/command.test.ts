import { inspect } from "node:util";
import { expect, test } from "vitest";

import { command, quoteWord, shell, toDisplay } from "../../src/hosts/command.ts";
import { outputTooLong, RemoteCommandError } from "../../src/hosts/errors.ts";
import { Secret } from "../../src/base/secret.ts";

test.each([
  ["plain-word_1.0@x:/y,z=+%", "plain-word_1.0@x:/y,z=+%"],
  ["", "''"],
  ["a b", "'a b'"],
  ["it's", "'it'\\''s'"],
  ["$HOME", "'$HOME'"],
  ["~", "'~'"],
  ["é", "'é'"],
  ["a\nb", "'a\nb'"],
])("quoteWord() of %j is %s", (word, expected) => {
  expect(quoteWord(word)).toBe(expected);
});

test("shell() keeps values out of the text", () => {
  expect(shell('rm -- "$1"', ["/a b"]).argv).toEqual(["sh", "-c", 'rm -- "$1"', "sh", "/a b"]);
});

test("toDisplay() shows neither environment nor input", () => {
  const secret = new Secret("hunter2");
  const login = command(["docker", "login", "a b"], { env: { TOKEN: secret }, stdin: secret });
  expect(toDisplay(login)).toBe("docker login 'a b'");
  expect(`${JSON.stringify(login)} ${inspect(login, { depth: 9 })}`).not.toContain("hunter2");
});

test("RemoteCommandError shows a command on one line and the last line of its errors, without control characters", () => {
  const failing = shell("set -e\n  echo \u001b[31m\nfalse");
  const error = new RemoteCommandError({ host: "h", command: failing, exitCode: 3, stderr: "a\nno \u0007bell\n\n" });
  expect(error.message).toBe("h: `sh -c echo \\x1b[31m…` exited with 3: no \\x07bell");
});

test("outputTooLong() shows no more than the start of a long command", () => {
  const { message } = outputTooLong("h", command(["echo", "x".repeat(500)]), 10);
  expect(message).toBe(`h: \`echo ${"x".repeat(195)}…\` wrote more than 10 bytes`);
});
