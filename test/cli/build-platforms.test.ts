import { expect, test } from "vitest";

import { toPlatforms, type PlatformFlags } from "../../src/cli/build-platforms.ts";

const MACHINE = { os: "linux", architecture: "amd64" };
const NONE: PlatformFlags = {
  platform: [],
  "all-platforms": false,
  os: undefined,
  arch: undefined,
  variant: undefined,
};

test.each<[Partial<PlatformFlags>, unknown]>([
  [{}, []],
  [{ platform: ["local", "linux/arm/v7"] }, [MACHINE, { os: "linux", architecture: "arm", variant: "v7" }]],
  [{ arch: "arm64" }, [{ os: "linux", architecture: "arm64" }]],
  [{ os: "freebsd", variant: "v2" }, [{ os: "freebsd", architecture: "amd64", variant: "v2" }]],
  [{ "all-platforms": true }, "all"],
])("toPlatforms() makes of %j the platforms", (flags, expected) => {
  expect(toPlatforms({ ...NONE, ...flags }, MACHINE)).toEqual(expected);
});

test("toPlatforms() refuses flags that say different things", () => {
  expect(() => toPlatforms({ ...NONE, platform: ["linux/arm64"], arch: "arm64" }, MACHINE)).toThrow(
    "Give only one of --platform, --all-platforms and --os, --arch, --variant",
  );
});
