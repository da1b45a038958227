import { expect, test } from "vitest";

import { Secret } from "../../src/base/secret.ts";
import { masterArgv, sessionArgv } from "../../src/hosts/ssh-options.ts";

const options = { controlSocket: "/run/s/1", knownHostsFile: "/home/a b/100%/known_hosts", connectTimeoutMs: 1500 };

test("masterArgv() leaves to OpenSSH what the login does not say", () => {
  const argv = masterArgv({ address: "10.0.0.1" }, options, "exec sh");
  expect(argv.slice(0, 5)).toEqual(["ssh", "-M", "-T", "-S", "/run/s/1"]);
  expect(argv.slice(-3)).toEqual(["--", "10.0.0.1", "exec sh"]);
  for (const flag of ["-p", "-l", "-c", "-i", "IdentitiesOnly=yes"]) expect(argv).not.toContain(flag);
  expect(argv).toContain("BatchMode=yes");
});

test("masterArgv() checks host keys against the caller's file and notices dead hosts", () => {
  const argv = masterArgv({ address: "10.0.0.1" }, options, "exec sh");
  expect(argv).toEqual(
    expect.arrayContaining([
      "StrictHostKeyChecking=accept-new",
      'UserKnownHostsFile="/home/a b/100%%/known_hosts"',
      "ConnectTimeout=2",
      "ServerAliveInterval=10",
    ]),
  );
});

test("masterArgv() never contains a secret", () => {
  const secrets = {
    password: new Secret("hunter2"),
    passphrase: new Secret("hunter3"),
    privateKey: new Secret("hunter4"),
  };
  const argv = masterArgv({ address: "10.0.0.1", ...secrets }, { ...options, keyFile: "/run/s/key" }, "exec sh");
  expect(argv.join(" ")).not.toContain("hunter");
});

test.each([
  ["a password", { password: new Secret("p") }, undefined, "password,keyboard-interactive,publickey"],
  ["a password and a key", { password: new Secret("p") }, "/key", "publickey,password,keyboard-interactive"],
])("masterArgv() tries first what was named: %s", (_, login, keyFile, order) => {
  const argv = masterArgv({ address: "10.0.0.1", ...login }, { ...options, keyFile }, "exec sh");
  expect(argv).toEqual(
    expect.arrayContaining([`PreferredAuthentications=${order}`, "NumberOfPasswordPrompts=1", "BatchMode=no"]),
  );
});

test("masterArgv() names port, user, key and ciphers", () => {
  const login = { address: "10.0.0.1", port: 2222, user: "ops" };
  const argv = masterArgv(login, { ...options, keyFile: "/key", ciphers: ["a", "b"] }, "exec sh");
  expect(argv.join(" ")).toContain("-p 2222 -l ops -c a,b -i /key -o IdentitiesOnly=yes");
});

test("sessionArgv() cannot log in by itself", () => {
  expect(sessionArgv("/run/s/1", "exec sh")).toEqual(
    "ssh -F none -T -S /run/s/1 -o ControlMaster=no -o ProxyCommand=false -o LogLevel=ERROR -- host"
      .split(" ")
      .concat("exec sh"),
  );
});
