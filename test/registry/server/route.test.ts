import { expect, test } from "vitest";

import { parseRoute } from "../../../src/registry/server/route.ts";

const digest = `sha256:${"a".repeat(64)}`;

test.each([
  ["/v2/", { kind: "version" }],
  ["/v2", { kind: "version" }],
  ["/v2/_catalog", { kind: "catalog" }],
  ["/v2/library/web/tags/list", { kind: "tags", repository: "library/web" }],
  ["/v2/web/manifests/v1", { kind: "manifest", repository: "web", name: "v1" }],
  [`/v2/web/manifests/${digest}`, { kind: "manifest", repository: "web", name: digest }],
  [`/v2/web/manifests/${encodeURIComponent(digest)}`, { kind: "manifest", repository: "web", name: digest }],
  [`/v2/a/b/c/blobs/${digest}`, { kind: "blob", repository: "a/b/c", digest }],
  ["/v2/web/blobs/uploads/", { kind: "uploads", repository: "web" }],
  ["/v2/web/blobs/uploads", { kind: "uploads", repository: "web" }],
  ["/v2/web/blobs/uploads/123", { kind: "upload", repository: "web", id: "123" }],
  [`/v2/web/referrers/${digest}`, { kind: "referrers", repository: "web", digest }],
  ["/v2/manifests/manifests/tags", { kind: "manifest", repository: "manifests", name: "tags" }],
  ["/v1/", undefined],
  ["/v2/web", undefined],
  ["/", undefined],
])("parseRoute() of %s", (path, expected) => {
  expect(parseRoute(path)).toEqual(expected);
});

test.each([
  ["/v2/Web/tags/list", "NAME_INVALID"],
  ["/v2/../../etc/tags/list", "NAME_INVALID"],
  ["/v2/a/%2e%2e/b/tags/list", "NAME_INVALID"],
  ["/v2/a%2f..%2fb/tags/list", "NAME_INVALID"],
  ["/v2/_uploads/tags/list", "NAME_INVALID"],
  ["/v2/web/manifests/..", "TAG_INVALID"],
  ["/v2/web/manifests/-x", "TAG_INVALID"],
  [`/v2/web/manifests/${"t".repeat(129)}`, "TAG_INVALID"],
  ["/v2/web/manifests/sha256:abc", "DIGEST_INVALID"],
  ["/v2/web/manifests/md5:d41d8cd98f00b204e9800998ecf8427e", "DIGEST_INVALID"],
  ["/v2/web/blobs/latest", "DIGEST_INVALID"],
])("parseRoute() refuses %s with %s", (path, errorCode) => {
  expect(() => parseRoute(path)).toThrow(expect.objectContaining({ status: 400, errorCode }));
});
