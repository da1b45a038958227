import { expect, test } from "vitest";

import { parseRegistriesConf } from "../../../src/registry/config/parse-registries-conf.ts";

const FILE = "/etc/containers/registries.conf";

test("parseRegistriesConf() reads prefixes, locations, mirrors, aliases and the registries to search", () => {
  const text = `
unqualified-search-registries = ["registry.example.com", "docker.io"]
short-name-mode = "enforcing"

[[registry]]
location = "docker.io/"
[[registry.mirror]]
location = "mirror.lan:5000/hub"
insecure = true
[[registry.mirror]]
location = "mirror.example.com"
pull-from-mirror = "tag-only"

[[registry]]
prefix = "*.internal"
blocked = true

[[registry]]
prefix = "quay.io/team"
location = "quay.lan/team"
mirror-by-digest-only = true
[[registry.mirror]]
location = "mirror.lan/team"

[aliases]
"fedora" = "registry.fedoraproject.org/fedora"
`;
  expect(parseRegistriesConf(text, FILE)).toEqual({
    searchRegistries: ["registry.example.com", "docker.io"],
    rules: [
      {
        prefix: "docker.io",
        location: "docker.io",
        insecure: false,
        blocked: false,
        mirrors: [
          { location: "mirror.lan:5000/hub", insecure: true, pulls: "all" },
          { location: "mirror.example.com", insecure: false, pulls: "tag-only" },
        ],
        file: FILE,
      },
      { prefix: "*.internal", location: "", insecure: false, blocked: true, mirrors: [], file: FILE },
      {
        prefix: "quay.io/team",
        location: "quay.lan/team",
        insecure: false,
        blocked: false,
        mirrors: [{ location: "mirror.lan/team", insecure: false, pulls: "digest-only" }],
        file: FILE,
      },
    ],
    aliases: new Map([["fedora", "registry.fedoraproject.org/fedora"]]),
  });
});

test.each([
  ["[[registry]]", "[[registry]] has no location"],
  ['[[registry]]\nlocation = "https://mirror.lan"', 'the location "https://mirror.lan" has a scheme'],
  ['[[registry]]\nlocation = "a"\nblocked = "yes"', "blocked is neither true nor false"],
  ['[[registry]]\nlocation = "a"\n[[registry.mirror]]', "[[mirror]] has no location"],
  [
    '[[registry]]\nlocation = "a"\n[[registry.mirror]]\nlocation = "b"\npull-from-mirror = "x"',
    'pull-from-mirror is "x"',
  ],
  ['[[registry]]\nprefix = "*.a/b"', 'the prefix "*.a/b" has both a wildcard and a path'],
  ['[registries.search]\nregistries = ["docker.io"]', "it is of version 1"],
  ["unqualified-search-registries = [1]", "a registry is no text"],
  ["[[registry]", "toml: line 1"],
])("parseRegistriesConf() names the file and what is wrong with %j", (text, reason) => {
  expect(() => parseRegistriesConf(text, FILE)).toThrow(`Cannot read "${FILE}": ${reason}`);
});
