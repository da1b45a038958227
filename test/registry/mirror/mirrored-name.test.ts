import { expect, test } from "vitest";

import { findMirrored, type MirroredRegistry } from "../../../src/registry/mirror/mirrored-name.ts";
import { recordedUpstream } from "./recorded-upstream.ts";

function mirrored(name: string, namespace: string | undefined): MirroredRegistry {
  return { upstream: recordedUpstream({ name }).upstream, namespace };
}

const REGISTRIES = [
  mirrored("docker.io", undefined),
  mirrored("quay.io", "quay.io"),
  mirrored("10.0.0.1:5000", "Registry.Example:5000"),
];

test.each([
  ["library/web", null, "docker.io", "library/web", "library/web"],
  ["library/web", "docker.io", "docker.io", "library/web", "library/web"],
  ["team/web", "quay.io", "quay.io", "team/web", "quay.io/team/web"],
  ["quay.io/team/web", null, "quay.io", "team/web", "quay.io/team/web"],
  ["quay.io/team/web", "quay.io", "quay.io", "quay.io/team/web", "quay.io/quay.io/team/web"],
  ["web", "Registry.Example:5000", "10.0.0.1:5000", "web", "registry.example_5000/web"],
  ["quay.io", null, "docker.io", "quay.io", "quay.io"],
])("findMirrored() of %s in namespace %s is at %s", (repository, namespace, upstream, remote, local) => {
  const found = findMirrored(REGISTRIES, { repository, namespace });
  expect(found && { ...found, upstream: found.upstream.name }).toEqual({ upstream, remote, local });
});

test("findMirrored() finds nothing in the namespace of a registry that is not mirrored", () => {
  expect(findMirrored(REGISTRIES, { repository: "web", namespace: "ghcr.io" })).toBeUndefined();
  expect(findMirrored(REGISTRIES.slice(1), { repository: "web", namespace: null })).toBeUndefined();
});
