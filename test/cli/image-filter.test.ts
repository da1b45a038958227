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
  isIndex: false,
};
const older: ImageSummary = {
  ...image,
  id: digestOf("older"),
  names: ["localhost/old:v1"],
  created: new Date(-60_000),
};
const scene = { images: [image, older], now: new Date(7_200_000) };

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
    [["after=old:v1"], true],
    [["since=web:v1"], false],
    [["before=old"], false],
    [["until=1h"], true],
    [["until=3h"], false],
    [["until=1970-01-02"], true],
    [["until=0"], false],
    [["manifest=true"], false],
    [["readonly=true"], false],
    [["intermediate=false"], true],
    [["label=sealos.io.type=rootfs", "reference=web"], true],
    [["label=sealos.io.type=patch"], false],
    [["label=sealos.io.type=rootfs", "reference=other"], false],
    [["dangling=true"], false],
    [["dangling=false"], true],
    [[`digest=${digestOf("manifest")}`], true],
    [[`id=${digestOf("configuration").slice(7, 15)}`], true],
  ];
  test.each(cases)("%j is %s", (filters, expected) => {
    expect(parseFilters(filters, scene)(image)).toBe(expected);
  });
});

test("parseFilters() refuses what it does not know", () => {
  expect(() => parseFilters(["labl=x"], scene)).toThrow(expect.objectContaining({ hint: "Did you mean label?" }));
  expect(() => parseFilters(["label"], scene)).toThrow(
    'Cannot filter by "label": expected NAME=VALUE with after, since',
  );
});

test.for([
  ["after=none", 'Cannot filter by "none"'],
  ["until=soon", 'Cannot filter by the time "soon"'],
] as const)("parseFilters() refuses %s", ([filter, message]) => {
  expect(() => parseFilters([filter], scene)).toThrow(message);
});
