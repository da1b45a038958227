import { expect, test } from "vitest";

import { findFingerprint, knownHostsName } from "../../src/hosts/known-hosts.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
const FINGERPRINT = "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU";

test.each([
  [`github.com ${KEY}`, FINGERPRINT],
  [`[10.0.0.1]:2222 ${KEY} comment`, FINGERPRINT],
  [`@revoked * ${KEY}`, FINGERPRINT],
  ["# a comment", undefined],
  ["", undefined],
  ["host ssh-ed25519 not*base64", undefined],
])("findFingerprint() of %j is %s", (line, expected) => {
  expect(findFingerprint(line)).toBe(expected);
});

test("knownHostsName() has brackets for a port of its own", () => {
  expect([knownHostsName("10.0.0.1"), knownHostsName("10.0.0.1", 2222)]).toEqual(["10.0.0.1", "[10.0.0.1]:2222"]);
});
