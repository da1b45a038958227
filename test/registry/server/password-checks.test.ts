import { hashSync } from "bcryptjs";
import { expect, test } from "vitest";

import { PasswordChecks } from "../../../src/registry/server/password-checks.ts";

const HASH = hashSync("s3cret", 4);

test("matches() tells the right password from others", async () => {
  const checks = new PasswordChecks();
  expect(await Promise.all(["s3cret", "S3cret", ""].map((text) => checks.matches(text, HASH)))).toEqual([
    true,
    false,
    false,
  ]);
});

test("matches() refuses those who come when 32 wait, and nobody afterwards", async () => {
  const checks = new PasswordChecks();
  const results = await Promise.allSettled(Array.from({ length: 40 }, () => checks.matches("guess", HASH)));
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(32);
  expect(results.at(-1)).toMatchObject({ reason: { status: 429, headers: { "retry-after": "1" } } });
  expect(await checks.matches("s3cret", HASH)).toBe(true);
});

test("matches() goes on after a hash that cannot be read", async () => {
  const checks = new PasswordChecks();
  expect(await checks.matches("s3cret", "nonsense").catch(() => "failed")).not.toBe(true);
  expect(await checks.matches("s3cret", HASH)).toBe(true);
});
