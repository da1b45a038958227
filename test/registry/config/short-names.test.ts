import { expect, test } from "vitest";

import { renderReference } from "../../../src/oci/reference.ts";
import { NO_REGISTRIES_CONFIG } from "../../../src/registry/config/registries-config.ts";
import { meaningsOf } from "../../../src/registry/config/short-names.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const CONFIG = {
  ...NO_REGISTRIES_CONFIG,
  searchRegistries: ["registry.lan:5000", "docker.io"],
  aliases: new Map([
    ["fedora", "registry.fedoraproject.org/fedora"],
    ["team/app", "quay.io/team/app"],
    ["gone", ""],
  ]),
};

test.each([
  ["fedora", ["registry.fedoraproject.org/fedora:latest"]],
  ["fedora:42", ["registry.fedoraproject.org/fedora:42"]],
  [`fedora@${DIGEST}`, [`registry.fedoraproject.org/fedora@${DIGEST}`]],
  ["team/app:v1", ["quay.io/team/app:v1"]],
  ["nginx:1", ["registry.lan:5000/nginx:1", "docker.io/library/nginx:1"]],
  ["gone", ["registry.lan:5000/gone:latest", "docker.io/library/gone:latest"]],
  ["quay.io/fedora", ["quay.io/fedora:latest"]],
  ["localhost/fedora", ["localhost/fedora:latest"]],
])("meaningsOf() knows what %s means", (name, meanings) => {
  expect(meaningsOf(CONFIG, name).map(renderReference)).toEqual(meanings);
});

test("meaningsOf() takes Docker Hub where nothing is configured", () => {
  expect(meaningsOf(NO_REGISTRIES_CONFIG, "nginx").map(renderReference)).toEqual(["docker.io/library/nginx:latest"]);
});
