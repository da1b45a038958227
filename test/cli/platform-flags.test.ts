import { expect, test } from "vitest";

import { toPlatform } from "../../src/cli/platform-flags.ts";
import { testEnvironment } from "./environment.ts";

test.each([
  [{}, undefined],
  [{ platform: "linux/arm64/v8" }, { os: "linux", architecture: "arm64", variant: "v8" }],
  [{ arch: "aarch64" }, { os: "linux", architecture: "arm64" }],
  [{ os: "windows" }, { os: "windows", architecture: "amd64" }],
  [
    { arch: "arm", variant: "v7" },
    { os: "linux", architecture: "arm", variant: "v7" },
  ],
])("toPlatform() reads %j", (flags, platform) => {
  expect(toPlatform(flags, testEnvironment())).toEqual(platform);
});

test("toPlatform() refuses several platforms", () => {
  expect(() => toPlatform({ platform: "linux/amd64,linux/arm64" }, testEnvironment())).toThrow("Cannot parse platform");
});
