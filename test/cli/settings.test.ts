import { expect, test } from "vitest";

import { describeSettings, readSettings } from "../../src/cli/settings.ts";

const facts = { variables: { HOME: "/home/ada" }, workingDirectory: "/work", userId: 1000, architecture: "arm64" };

test("readSettings() gives users who are not root a store of their own", () => {
  expect(readSettings(facts)).toMatchObject({
    runtimeRoot: "/home/ada/.sealos",
    dataRoot: "/var/lib/sealos",
    storeRoot: "/home/ada/.local/share/sealos/images",
    cacheRoot: "/home/ada/.cache/sealos",
    platform: { os: "linux", architecture: "arm64" },
    sourceDateEpoch: undefined,
    hasColor: true,
    canRedraw: true,
  });
  expect(readSettings({ ...facts, userId: 0 }).storeRoot).toBe("/var/lib/sealos/images");
});

test("readSettings() takes what variables say; an empty one says nothing", () => {
  const variables = {
    HOME: "/root",
    SEALOS_RUNTIME_ROOT: "/r",
    SEALOS_DATA_ROOT: "/d",
    SEALOS_STORE: "/s",
    SEALOS_CACHE: "",
    XDG_CACHE_HOME: "/c",
    SOURCE_DATE_EPOCH: "1700000000",
    NO_COLOR: "1",
  };
  expect(readSettings({ ...facts, variables })).toMatchObject({
    runtimeRoot: "/r",
    dataRoot: "/d",
    storeRoot: "/s",
    cacheRoot: "/c/sealos",
    sourceDateEpoch: 1_700_000_000,
    hasColor: false,
  });
});

test("readSettings() redraws nothing on a dumb terminal or in CI", () => {
  const canRedraw = [{ TERM: "dumb" }, { CI: "true" }, { TERM: "xterm", CI: "" }].map(
    (variables) => readSettings({ ...facts, variables }).canRedraw,
  );
  expect(canRedraw).toEqual([false, false, true]);
});

test("readSettings() refuses a time that is none", () => {
  expect(() => readSettings({ ...facts, variables: { SOURCE_DATE_EPOCH: "today" } })).toThrow(
    'Cannot use SOURCE_DATE_EPOCH "today": expected whole seconds since 1970',
  );
});

test("describeSettings() names every variable with its value", () => {
  expect(describeSettings(readSettings(facts)).map(({ name, value }) => `${name}=${value}`)).toEqual([
    "SEALOS_RUNTIME_ROOT=/home/ada/.sealos",
    "SEALOS_DATA_ROOT=/var/lib/sealos",
    "SEALOS_STORE=/home/ada/.local/share/sealos/images",
    "SEALOS_CACHE=/home/ada/.cache/sealos",
    "REGISTRY_AUTH_FILE=/run/containers/1000/auth.json",
    "SOURCE_DATE_EPOCH=",
    "SEALOS_OFFLINE=",
    "NO_COLOR=",
  ]);
});
