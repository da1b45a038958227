import { expect, test } from "vitest";

import { parseReference } from "../../../src/oci/reference.ts";
import { parseRegistriesConf } from "../../../src/registry/config/parse-registries-conf.ts";
import { NO_REGISTRIES_CONFIG } from "../../../src/registry/config/registries-config.ts";
import { readPlaces, writePlace } from "../../../src/registry/config/repository-places.ts";

const CONFIG = parseRegistriesConf(
  `
[[registry]]
prefix = "docker.io"
location = "hub.lan:5000/proxy"
[[registry.mirror]]
location = "mirror.lan"
insecure = true

[[registry]]
prefix = "docker.io/library/secret"
blocked = true

[[registry]]
prefix = "*.example.com"
location = "example.lan"

[[registry]]
prefix = "quay.io/team/app:v1"
location = "pinned.lan/app"

[[registry]]
location = "plain.lan:5000"
insecure = true

[[registry]]
location = "bad.lan"
[[registry.mirror]]
location = "mirror.lan/UPPER"
`,
  "registries.conf",
);

/** Where an image is read from, the last one being the origin. */
function read(name: string): readonly string[] {
  const { mirrors, origin } = readPlaces(CONFIG, parseReference(name));
  return [...mirrors, origin].map(
    (place) => `${place.registry}/${place.repository}${place.insecure ? " insecure" : ""}`,
  );
}

test.each([
  ["nginx:1", ["mirror.lan/library/nginx insecure", "hub.lan:5000/proxy/library/nginx"]],
  ["docker.io/a/b", ["mirror.lan/a/b insecure", "hub.lan:5000/proxy/a/b"]],
  ["docker.io.example/a", ["docker.io.example/a"]],
  ["registry.example.com/a/b", ["example.lan/a/b"]],
  ["registry.example.com:8443/a", ["example.lan/a"]],
  ["example.com/a", ["example.com/a"]],
  ["quay.io/team/app:v1", ["pinned.lan/app"]],
  ["quay.io/team/app:v10", ["quay.io/team/app"]],
  ["plain.lan:5000/a", ["plain.lan:5000/a insecure"]],
])("readPlaces() knows where %s is", (name, places) => {
  expect(read(name)).toEqual(places);
});

test("readPlaces() and writePlace() refuse what is blocked, and say where that is written", () => {
  const reference = parseReference("docker.io/library/secret:v1");
  for (const find of [readPlaces, writePlace]) {
    expect(() => find(CONFIG, reference)).toThrow(
      expect.objectContaining({ code: "REGISTRY_BLOCKED", hint: "registries.conf says so" }),
    );
  }
});

test("writePlace() leaves the name as it is, and knows where plain HTTP is allowed", () => {
  expect(writePlace(CONFIG, parseReference("docker.io/a/b"))).toEqual({
    registry: "docker.io",
    repository: "a/b",
    insecure: false,
  });
  expect(writePlace(CONFIG, parseReference("plain.lan:5000/a"))).toMatchObject({ insecure: true });
});

test("readPlaces() refuses a location that makes no name", () => {
  expect(() => read("bad.lan/a")).toThrow('Cannot ask "mirror.lan/UPPER/a" for "bad.lan/a": that is no name');
});

test("without a registries.conf an image is where its name says", () => {
  expect(readPlaces(NO_REGISTRIES_CONFIG, parseReference("docker.io/a/b"))).toEqual({
    mirrors: [],
    origin: { registry: "docker.io", repository: "a/b", insecure: false },
  });
});
