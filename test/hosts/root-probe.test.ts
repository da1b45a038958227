import { expect, test } from "vitest";

import { findStanding, renderRootProbe } from "../../src/hosts/root-probe.ts";
import { Secret } from "../../src/base/secret.ts";

test("renderRootProbe() tries sudo with the password that there is, by a built-in of the shell", () => {
  expect(renderRootProbe(new Secret("it's"))).toContain(
    `elif printf '%s\\n' 'it'\\''s' | LC_ALL=C sudo -k -S -p '' sh -c : >/dev/null;`,
  );
  expect(renderRootProbe(undefined)).toContain("elif LC_ALL=C sudo -k -n sh -c : >/dev/null;");
});

test.each([
  ["sealos-login:root", "root"],
  ["sealos-login:sudo", "sudo"],
  ["sealos-login:refused", "refused"],
  ["Welcome!", undefined],
  ["sealos-login:other", undefined],
])("findStanding() in %j is %s", (line, expected) => {
  expect(findStanding(line)).toBe(expected);
});
