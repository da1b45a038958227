import { expect, test } from "vitest";

import { writing } from "../../src/base/disk-error.ts";

function failure(code: string): () => Promise<never> {
  return async () => {
    throw Object.assign(new Error(`${code}: failed`), { code });
  };
}

test.for(["ENOSPC", "EDQUOT"])("writing() says which path has no room when work fails with %s", async (code) => {
  await expect(writing("/data/blob", failure(code))).rejects.toMatchObject({
    code: "DISK_FULL",
    message: 'Cannot write "/data/blob": no space is left on its file system',
  });
});

test("writing() passes other errors and results unchanged", async () => {
  await expect(writing("/data/blob", failure("EIO"))).rejects.toMatchObject({ code: "EIO" });
  expect(await writing("/data/blob", async () => 42)).toBe(42);
});
