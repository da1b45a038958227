import { expect, test } from "vitest";

import { parseDuration } from "../../src/cli/duration.ts";

test.each([
  ["0", 0],
  ["250ms", 250],
  ["90s", 90_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
])("parseDuration() reads %j as %d ms", (text, expected) => {
  expect(parseDuration("cache-ttl", text)).toBe(expected);
});

test.each(["", "1", "1d", "h", "1h 2m", "-1s"])("parseDuration() refuses %j", (text) => {
  expect(() => parseDuration("cache-ttl", text)).toThrow(
    `Invalid value "${text}" of --cache-ttl: expected a time such as 90s, 30m or 24h`,
  );
});
