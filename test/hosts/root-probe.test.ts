import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

import { findStanding, renderRootProbe } from "../../src/hosts/root-probe.ts";
import { Secret } from "../../src/base/secret.ts";

test("renderRootProbe() tries sudo with the password that there is, by a built-in of the shell", () => {
  expect(renderRootProbe(new Secret("it's"))).toContain(
    `elif reason=$(printf '%s\\n' 'it'\\''s' | LC_ALL=C sudo -k -S -p '' sh -c : 2>&1 >/dev/null);`,
  );
  expect(renderRootProbe(undefined)).toContain("elif reason=$(LC_ALL=C sudo -k -n sh -c : 2>&1 >/dev/null);");
});

test("renderRootProbe() prints why sudo refuses in the line of its answer", () => {
  const sudo = "sudo() { printf 'Sorry, try again.\\nsudo: 1 incorrect password attempt\\n\\n' >&2; return 1; }";
  const script = `id() { echo 1000; }\n${sudo}\n${renderRootProbe(undefined)}`;
  expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(
    "sealos-login:refused:sudo: 1 incorrect password attempt\n",
  );
});

test.each([
  ["sealos-login:root", { kind: "root" }],
  ["sealos-login:sudo", { kind: "sudo" }],
  ["sealos-login:refused:sudo: no", { kind: "refused", reason: "sudo: no" }],
  ["sealos-login:refused:", { kind: "refused", reason: "sudo refused without a message" }],
  ["Welcome!", undefined],
  ["sealos-login:other", undefined],
])("findStanding() in %j is %j", (line, expected) => {
  expect(findStanding(line)).toEqual(expected);
});
