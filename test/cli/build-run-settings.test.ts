import { expect, test } from "vitest";

import { DEFAULT_RUN_SETTINGS, type RunSettings } from "../../src/build/run/run-settings.ts";
import { toRunSettings } from "../../src/cli/build-run-settings.ts";
import { Secret } from "../../src/base/secret.ts";

type Flags = Parameters<typeof toRunSettings>[0];

const NOTHING: Flags = {
  secret: [],
  ssh: [],
  volume: [],
  network: undefined,
  "add-host": [],
  "no-hosts": false,
  dns: [],
  "dns-search": [],
  "dns-option": [],
  "shm-size": undefined,
  ulimit: [],
  "cap-add": [],
  "cap-drop": [],
  "group-add": [],
  "http-proxy": true,
};

function settingsOf(flags: Partial<Flags>, variables: Record<string, string> = {}): RunSettings {
  return toRunSettings({ ...NOTHING, ...flags }, { variables, workingDirectory: "/work", isOffline: false });
}

test("toRunSettings() gives the defaults when nothing is said", () => {
  expect(settingsOf({})).toEqual(DEFAULT_RUN_SETTINGS);
});

test.each([
  ["id=a,src=key", {}, { kind: "file", path: "/work/key" }],
  ["id=a,source=/key", {}, { kind: "file", path: "/key" }],
  ["id=a", {}, { kind: "file", path: "/work/a" }],
])("toRunSettings() finds the file of secret %s", (text, variables, source) => {
  expect([...settingsOf({ secret: [text] }, variables).secrets]).toEqual([["a", source]]);
});

test.each(["id=a,env=KEY", "id=a,type=env,src=KEY", "id=KEY"])(
  "toRunSettings() takes secret %s from the environment and does not show it",
  (text) => {
    const [source] = settingsOf({ secret: [text] }, { KEY: "hidden" }).secrets.values();
    expect(source?.kind === "value" && source.value instanceof Secret && source.value.reveal()).toBe("hidden");
    expect(JSON.stringify(source)).not.toContain("hidden");
  },
);

test("toRunSettings() finds agents and keys", () => {
  const { agents } = settingsOf({ ssh: ["default", "git=a,/b"] }, { SSH_AUTH_SOCK: "/run/agent" });
  expect([...agents]).toEqual([
    ["default", ["/run/agent"]],
    ["git", ["/work/a", "/b"]],
  ]);
});

test("toRunSettings() reads what commands may have", () => {
  const settings = settingsOf(
    {
      volume: ["cache:/c/:ro,z", "/a:/b"],
      network: "none",
      "add-host": ["a:10.0.0.1", "b:fd00::1"],
      dns: ["10.0.0.2"],
      "dns-search": ["example"],
      "shm-size": "1g",
      ulimit: ["nofile=1024:2048", "core=-1"],
      "cap-add": ["CAP_NET_ADMIN"],
      "cap-drop": ["ALL"],
      "group-add": ["keep-groups", "wheel"],
    },
    { HTTPS_PROXY: "http://proxy", HOME: "/root" },
  );
  expect(settings).toEqual({
    ...DEFAULT_RUN_SETTINGS,
    volumes: [
      { source: "/work/cache", target: "/c/", isWritable: false },
      { source: "/a", target: "/b", isWritable: true },
    ],
    network: "none",
    names: {
      writesHosts: true,
      hosts: [
        { name: "a", address: "10.0.0.1" },
        { name: "b", address: "fd00::1" },
      ],
      servers: ["10.0.0.2"],
      searches: ["example"],
      options: undefined,
    },
    limits: [
      { name: "nofile", soft: "1024", hard: "2048" },
      { name: "core", soft: "unlimited", hard: "unlimited" },
    ],
    capabilities: { added: ["net_admin"], dropped: ["all"] },
    groups: ["wheel"],
    shmSizeBytes: 1024 ** 3,
    proxies: { HTTPS_PROXY: "http://proxy" },
  });
});

test.each<[Partial<Flags>, string]>([
  [{ secret: ["src=a"] }, 'Invalid value "src=a" of --secret: expected id=NAME,src=FILE or id=NAME,env=VARIABLE'],
  [{ secret: ["id=a,env=NONE"] }, 'expected a variable "NONE" in the environment'],
  [{ ssh: ["default"] }, 'Cannot give the SSH agent "default" to commands: SSH_AUTH_SOCK is not set'],
  [{ volume: ["/a"] }, 'Invalid value "/a" of --volume: expected DIR:/PATH, with :ro or :rw'],
  [{ volume: ["/a:/b:O"] }, "--volume"],
  [{ network: "bridge" }, 'Invalid value "bridge" of --network: expected default, host or none'],
  [{ "add-host": ["a"] }, "expected NAME:ADDRESS"],
  [{ dns: ["none", "10.0.0.1"] }, "expected addresses, or none alone"],
  [{ dns: ["a"] }, "expected an IP address"],
  [{ ulimit: ["files=1"] }, "--ulimit"],
  [{ "cap-add": ["fly"] }, "expected the name of a capability"],
  [{ "shm-size": "big" }, "expected a size such as 64m"],
])("toRunSettings() refuses %j", (flags, message) => {
  expect(() => settingsOf(flags)).toThrow(message);
});
