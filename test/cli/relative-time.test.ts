import { expect, test } from "vitest";

import { renderAge } from "../../src/cli/relative-time.ts";

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
