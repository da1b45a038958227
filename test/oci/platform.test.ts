import { expect, test } from "vitest";

import { parsePlatform, rankPlatform } from "../../src/oci/platform.ts";

test.for([
  ["linux/amd64", "linux/amd64", 0],
  ["linux/amd64/v1", "linux/amd64", 0],
  ["linux/amd64", "linux/amd64/v3", 2],
  ["linux/amd64/v2", "linux/amd64/v3", 1],
  ["linux/amd64/v4", "linux/amd64/v3", undefined],
  ["linux/amd64/v3", "linux/amd64", 102],
  ["linux/arm", "linux/arm/v7", 0],
  ["linux/arm/v6", "linux/arm/v7", 1],
  ["linux/arm/v5", "linux/arm", 2],
  ["linux/arm/v7", "linux/arm/v6", undefined],
  ["linux/arm64/v8", "linux/arm64", 0],
  ["linux/arm64", "linux/arm64/v9", 1],
  ["linux/arm64", "linux/arm", undefined],
  ["windows/amd64", "linux/amd64", undefined],
  ["linux/mips/softfloat", "linux/mips", 1],
  ["linux/mips/softfloat", "linux/mips/hardfloat", undefined],
] as const)("rankPlatform() of %s for %s is %s", ([offered, wanted, rank]) => {
  expect(rankPlatform(parsePlatform(offered), parsePlatform(wanted))).toBe(rank);
});
