import { expect, test } from "vitest";

import type { Environment } from "../../src/cli/environment.ts";
import { wantedPlatform } from "../../src/cli/open-registry-end.ts";
import { readSettings } from "../../src/cli/settings.ts";

const environment: Environment = {
  settings: readSettings({ variables: { HOME: "/h" }, workingDirectory: "/", userId: 0, architecture: "x64" }),
  version: "1.0.0",
  now: () => new Date(0),
  ask: undefined,
  stdin: async function* () {},
  closeAtEnd: () => undefined,
};
const none = { all: true, platform: undefined };

test.each([
  [none, undefined],
  [
    { ...none, all: false },
    { os: "linux", architecture: "amd64" },
  ],
  [
    { ...none, platform: "linux/arm/v7" },
    { os: "linux", architecture: "arm", variant: "v7" },
  ],
  [
    { ...none, "override-arch": "arm64" },
    { os: "linux", architecture: "arm64" },
  ],
  [
    { ...none, "override-os": "windows" },
    { os: "windows", architecture: "amd64" },
  ],
  [
    { ...none, "override-arch": "arm", "override-variant": "v6" },
    { os: "linux", architecture: "arm", variant: "v6" },
  ],
])("wantedPlatform() of %j is %j", (flags, platform) => {
  expect(wantedPlatform(flags, environment)).toEqual(platform);
});
