import { expect, test } from "vitest";

import { chooseReleaseName } from "../../src/actions/template-release-name.ts";

const NONE = {
  name: undefined,
  nameTemplate: undefined,
  isGenerated: false,
  chart: "./charts/web-1.2.0.tgz",
  now: new Date(1_700_000_000_500),
};

test.each([
  [{}, "release-name"],
  [{ name: "blue" }, "blue"],
  [{ nameTemplate: 'web-{{ "A" | lower }}' }, "web-a"],
  [{ isGenerated: true }, "web-1-1700000000"],
  [{ isGenerated: true, chart: "." }, "chart-1700000000"],
])("chooseReleaseName() from %j", (choice, name) => {
  expect(chooseReleaseName({ ...NONE, ...choice })).toBe(name);
});

test.each([
  [{ name: "Blue" }, 'Cannot use "Blue" as release name'],
  [{ name: "a".repeat(54) }, "expected at most 53"],
  [{ nameTemplate: "{{ .x }}" }, 'Cannot use "<no value>" as release name'],
  [{ name: "a", isGenerated: true }, "Cannot name a release in two ways"],
])("chooseReleaseName() refuses %j", (choice, message) => {
  expect(() => chooseReleaseName({ ...NONE, ...choice })).toThrow(message);
});
