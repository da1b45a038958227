import { expect, test } from "vitest";

import { findAnswer } from "../../src/hosts/askpass.ts";
import { Secret } from "../../src/base/secret.ts";

const credentials = { password: new Secret("the password"), passphrase: new Secret("the passphrase") };

test.each([
  ["root@10.0.0.1's password: ", "the password"],
  ["(ops@10.0.0.1) Password: ", "the password"],
  ["(ops@10.0.0.1) Passwort: ", "the password"],
  ["Enter passphrase for key '/root/.ssh/password': ", "the passphrase"],
  ["Enter passphrase for /root/key: ", "the passphrase"],
  ["Are you sure you want to continue connecting (yes/no/[fingerprint])? ", undefined],
  ["(ops@10.0.0.1) New password: ", undefined],
  ["(ops@10.0.0.1) Retype new password: ", undefined],
  ["(ops@10.0.0.1) Verification code: ", undefined],
  ["Enter PIN for ED25519-SK key /root/key: ", undefined],
])("findAnswer() to %j is %s", (prompt, expected) => {
  expect(findAnswer(prompt, credentials)?.reveal()).toBe(expected);
});

test("findAnswer() has no answer without credentials", () => {
  expect(findAnswer("root@10.0.0.1's password: ", {})).toBeUndefined();
});
