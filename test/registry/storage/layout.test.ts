import { expect, test } from "vitest";

import { parseDigest } from "../../../src/oci/digest.ts";
import { registryEntries } from "../../../src/registry/storage/layout.ts";

const manifest = parseDigest(`sha256:${"a".repeat(64)}`);
const index = parseDigest(`sha256:${"b".repeat(64)}`);
const layer = parseDigest(`sha512:${"c".repeat(128)}`);

const image = { repository: "library/web", tag: "v1", root: index, manifests: [manifest, index], blobs: [layer] };

test("registryEntries() lays out links and blobs as the distribution registry does", () => {
  expect(registryEntries([image])).toEqual([
    { path: `docker/registry/v2/blobs/sha256/aa/${"a".repeat(64)}/data`, blob: manifest },
    { path: `docker/registry/v2/blobs/sha256/bb/${"b".repeat(64)}/data`, blob: index },
    { path: `docker/registry/v2/blobs/sha512/cc/${"c".repeat(128)}/data`, blob: layer },
    {
      path: `docker/registry/v2/repositories/library/web/_layers/sha512/${"c".repeat(128)}/link`,
      content: layer,
    },
    {
      path: `docker/registry/v2/repositories/library/web/_manifests/revisions/sha256/${"a".repeat(64)}/link`,
      content: manifest,
    },
    {
      path: `docker/registry/v2/repositories/library/web/_manifests/revisions/sha256/${"b".repeat(64)}/link`,
      content: index,
    },
    { path: "docker/registry/v2/repositories/library/web/_manifests/tags/v1/current/link", content: index },
    {
      path: `docker/registry/v2/repositories/library/web/_manifests/tags/v1/index/sha256/${"b".repeat(64)}/link`,
      content: index,
    },
  ]);
});

test("registryEntries() has each path once when images share content", () => {
  const entries = registryEntries([image, { ...image, tag: "v2" }]);
  expect(entries.filter((entry) => "blob" in entry).map((entry) => entry.blob)).toEqual([manifest, index, layer]);
  expect(new Set(entries.map((entry) => entry.path)).size).toBe(entries.length);
});

test("registryEntries() makes no tag when an image has none", () => {
  const { tag: _, ...untagged } = image;
  expect(registryEntries([untagged]).filter((entry) => entry.path.includes("/tags/"))).toEqual([]);
});

test("registryEntries() refuses when one tag would mean two images", () => {
  expect(() => registryEntries([image, { ...image, root: manifest }])).toThrow(
    /^Cannot store "docker\/registry\/v2\/repositories\/library\/web\/_manifests\/tags\/v1\/current\/link": it would be/,
  );
});
