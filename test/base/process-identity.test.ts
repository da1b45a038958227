import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

import { isProcessAlive, ownProcess } from "../../src/base/process-identity.ts";

test("isProcessAlive() is true for this process", () => {
  expect(ownProcess()).toMatch(new RegExp(`^${process.pid}-\\d+$`));
  expect(isProcessAlive(ownProcess())).toBe(true);
});

test("isProcessAlive() is false for a process that has ended", () => {
  const ended = spawnSync("true").pid;
  expect(isProcessAlive(`${ended}-1`)).toBe(false);
});

test.for([`${process.pid}-1`, `${process.pid}`, `${process.pid}-`, "", "x-y", "self-1"])(
  "isProcessAlive() is false for %j, which is no running process's identity",
  (identity) => {
    expect(isProcessAlive(identity)).toBe(false);
  },
);
