import { describe, expect, test } from "vitest";

import type { ImageSummary } from "../../src/actions/list-images.ts";
import { matchesName, parseFilters } from "../../src/cli/image-filter.ts";
import { digestOf } from "../../src/oci/digest.ts";

const image: ImageSummary = {
  id: digestOf("configuration"),
  digest: digestOf("manifest"),
  names: ["docker.io/library/nginx:1.27", "localhost/team/web:v1"],
  created: new Date(0),
  sizeBytes: 1,
  labels: { "sealos.io.type": "rootfs" },
  platform: { os: "linux", architecture: "amd64" },
};

describe("matchesName() takes names as users write them", () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ["nginx", true],
    ["nginx:1.27", true],
    ["library/nginx", true],
    ["docker.io/library/nginx:1.27", true],
    ["team/web", true],
    ["web*", true],
    ["*/web", true],
    ["n*x:1*", true],
    ["ginx", false],
    ["nginx:1.2", false],
    ["team", false],
    ["a.b", false],
  ];
  test.each(cases)("%s is %s", (pattern, expected) => {
    expect(matchesName(pattern)(image)).toBe(expected);
  });
});

describe("parseFilters() joins conditions", () => {
  const cases: readonly (readonly [readonly string[], boolean])[] = [
    [[], true],
    [["label=sealos.io.type"], true],
    [["label=sealos.io.type=rootfs", "reference=web"], true],
    [["label=sealos.io.type=patch"], false],
    [["label=sealos.io.type=rootfs", "reference=other"], false],
    [["dangling=true"], false],
    [["dangling=false"], true],
    [[`digest=${digestOf("manifest")}`], true],
    [[`id=${digestOf("configuration").slice(7, 15)}`], true],
  ];
  test.each(cases)("%j is %s", (filters, expected) => {
    expect(parseFilters(filters)(image)).toBe(expected);
  });
});

test("parseFilters() refuses what it does not know", () => {
  expect(() => parseFilters(["labl=x"])).toThrow(expect.objectContaining({ hint: "Did you mean label?" }));
  expect(() => parseFilters(["label"])).toThrow('Cannot filter by "label": expected NAME=VALUE with dangling, digest');
});
