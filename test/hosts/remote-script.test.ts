import { describe, expect, test } from "vitest";

import { command } from "../../src/hosts/command.ts";
import { launch, renderScript, shellTextOf } from "../../src/hosts/remote-script.ts";
import { Secret } from "../../src/base/secret.ts";

const LAST_LINES = `[ "$status" -ne 255 ] || printf %s MARK >&2
exit "$status"`;

describe("renderScript()", () => {
  test("renderScript() leaves the rest of the pipe to the command", () => {
    const env = { A: "b c", TOKEN: new Secret("t'") };
    const script = renderScript(command(["tar", "x f"], { env, cwd: "/a b" }), { marker: "MARK", stdin: "rest" });
    expect(script).toBe(`export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export A='b c'
export TOKEN='t'\\'''
cd -- '/a b' || exit
(exec tar 'x f')
status=$?
${LAST_LINES}`);
  });

  test("renderScript() ends the command with the pipe when it does not read it", () => {
    const script = renderScript(command(["true"]), { marker: "MARK", stdin: undefined });
    expect(script).toContain('read -r _ <&3\n  kill -s TERM -- "-$group"');
    expect(script.endsWith(`(exec true)\nstatus=$?\nkill -s KILL "$watch"\n${LAST_LINES}`)).toBe(true);
  });

  test("renderScript() feeds input through a built-in of the shell", () => {
    const script = renderScript(command(["cat"]), { marker: "MARK", stdin: new Uint8Array([0, 255]) });
    expect(script).toContain("printf %s 'AP8=' | base64 -d | (exec cat)");
  });

  test.each([
    ["a variable's name", command(["true"], { env: { "A=B;x": "" } }), 'environment variable "A=B;x"'],
    ["a NUL in an argument", command(["echo", "a\0b"]), "NUL character"],
    ["a NUL in a variable", command(["true"], { env: { A: new Secret("s\0") } }), "NUL character"],
    ["a NUL in a folder", command(["true"], { cwd: "/\0" }), "NUL character"],
  ])("renderScript() refuses %s that no shell can have", (_, wrong, message) => {
    expect(() => renderScript(wrong, { marker: "MARK", stdin: undefined })).toThrow(message);
  });
});

describe("launch()", () => {
  test("launch() tells the login's shell nothing but the size of the script in bytes", () => {
    expect(launch("echo é", { kind: "none" }, "SEPARATOR")).toEqual({
      shellText: `exec sh -c 'eval "$(head -c 7)"'`,
      prelude: Buffer.from("echo é"),
    });
  });

  test("launch() gives sudo the password first, and skips it where sudo wants none", () => {
    const { shellText, prelude } = launch("true", { kind: "sudo", password: new Secret("p w") }, "SEPARATOR");
    expect(prelude.toString()).toBe("p w\nSEPARATOR\ntrue");
    expect(shellText).toBe(
      `exec sudo -k -S -p "" sh -c 'while IFS= read -r line && [ "$line" != SEPARATOR ]; do :; done; eval "$(head -c 4)"'`,
    );
  });

  test("launch() asks sudo for nothing without a password", () => {
    const { shellText, prelude } = launch("true", { kind: "sudo", password: undefined }, "SEPARATOR");
    expect([shellText, prelude.toString()]).toEqual([`exec sudo -k -n sh -c 'eval "$(head -c 4)"'`, "true"]);
  });
});

test("shellTextOf() quotes a script once for any login shell", () => {
  expect(shellTextOf("echo 'a'", { kind: "none" })).toBe(`exec sh -c 'echo '\\''a'\\'''`);
});
