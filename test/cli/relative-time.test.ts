import { expect, test } from "vitest";

import { renderAge, toGoTime, toRfc3339 } from "../../src/cli/relative-time.ts";

const HOUR = 3_600_000;

test.each([
  [0, "0 seconds ago"],
  [1000, "1 second ago"],
  [59_999, "59 seconds ago"],
  [60_000, "1 minute ago"],
  [HOUR, "1 hour ago"],
  [47 * HOUR, "47 hours ago"],
  [48 * HOUR, "2 days ago"],
  [15 * 24 * HOUR, "2 weeks ago"],
  [61 * 24 * HOUR, "2 months ago"],
  [800 * 24 * HOUR, "2 years ago"],
  [-5000, "0 seconds ago"],
])("renderAge() of %d ms is %s", (elapsedMs, text) => {
  expect(renderAge(new Date(1_000_000_000_000), new Date(1_000_000_000_000 + elapsedMs))).toBe(text);
});

test.each([
  ["2026-12-01T06:54:09.120Z", "2026-12-01T06:54:09.12Z", "2026-12-01 06:54:09.12 +0000 UTC"],
  ["2026-12-01T06:54:00.000Z", "2026-12-01T06:54:00Z", "2026-12-01 06:54:00 +0000 UTC"],
])("toRfc3339() and toGoTime() write %s as Go does", (time, json, text) => {
  expect(toRfc3339(new Date(time))).toBe(json);
  expect(toGoTime(new Date(time))).toBe(text);
});
