import { expect, test } from "vitest";

import { findReason, parseLoginFailure, toConnectionError } from "../../src/hosts/ssh-failure.ts";

const CHANGED_KEY = `@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
The fingerprint for the ED25519 key sent by the remote host is
SHA256:Z0vT2qZ6dmGzQ1b4pGqkTzTnTBkIbOzBhgP4kC3hyR0.
Please contact your system administrator.
Add correct host key in /root/known hosts to get rid of this message.
Offending ED25519 key in /root/known hosts:7
Host key for 10.0.0.1 has changed and you have requested strict checking.
Host key verification failed.
`;

test("parseLoginFailure() reads what a changed host key is and where the old one stands", () => {
  expect(parseLoginFailure(CHANGED_KEY)).toEqual({
    kind: "changed-host-key",
    sent: "SHA256:Z0vT2qZ6dmGzQ1b4pGqkTzTnTBkIbOzBhgP4kC3hyR0",
    recorded: { file: "/root/known hosts", line: 7 },
  });
});

test.each([
  ["root@10.0.0.1: Permission denied (publickey,password).", "refused"],
  ["Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures", "refused"],
  ["@ WARNING: UNPROTECTED PRIVATE KEY FILE! @\nPermission denied (publickey).", "refused"],
  ["ssh: connect to host 10.0.0.1 port 22: Connection refused", "unreachable"],
  ["ssh: connect to host 10.0.0.1 port 22: Connection timed out", "unreachable"],
  ["ssh: Could not resolve hostname master: Name or service not known", "unreachable"],
  ["", "unreachable"],
])("parseLoginFailure() of %j is %s", (stderr, kind) => {
  expect(parseLoginFailure(stderr).kind).toBe(kind);
});

test.each([
  ["", undefined],
  ["one\ntwo\r\n\n", "two"],
  ["Timeout\nWarning: Permanently added '10.0.0.1' (ED25519) to the list of known hosts.\n", "Timeout"],
  ["Session open refused by peer\nConnection closed by UNKNOWN port 65535\n", "Session open refused by peer"],
  ["Connection closed by UNKNOWN port 65535\n", "Connection closed by UNKNOWN port 65535"],
  ["\u001b[31mred", "\\x1b[31mred"],
])("findReason() in %j is %j", (stderr, reason) => {
  expect(findReason(stderr)).toBe(reason);
});

test("toConnectionError() names the login and what to check", async () => {
  const login = { address: "10.0.0.1", port: 2222, user: "ops" };
  const failure = { kind: "refused", reason: "Permission denied" } as const;
  expect(await toConnectionError(login, failure)).toMatchObject({
    code: "SSH_AUTH",
    message: 'Cannot log in to "ops@10.0.0.1:2222": Permission denied',
    hint: "Check the user and the key, or give a password",
  });
});
