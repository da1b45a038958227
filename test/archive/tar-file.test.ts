import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { writeTar } from "../../src/archive/tar-file.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { bytesMember, member, tarOf, textMember } from "./entries.ts";

const temporary = useTemporaryFolder();
const ctx = backgroundContext();

test("writeTar() writes what tarSlabs() gives, also more than one buffer holds", async () => {
  const entries = [textMember("a", "x"), bytesMember("large", Buffer.alloc(3_000_000, "0123456789"))];
  expect(await writeTar(ctx, entries, temporary("a.tar"))).toBe(3_002_880);
  expect(readFileSync(temporary("a.tar")).equals(tarOf(entries))).toBe(true);
});

test("writeTar() leaves no file when an entry fails", async () => {
  const entry = { entry: member("a", { size: 1 }), content: { path: temporary("absent"), offset: 0, length: 1 } };
  await expect(writeTar(ctx, [entry], temporary("a.tar"))).rejects.toMatchObject({ code: "ENOENT" });
  expect(existsSync(temporary("a.tar"))).toBe(false);
});

test("writeTar() stops when it is cancelled", async () => {
  const cancelled = { ...ctx, signal: AbortSignal.abort(new Error("cancelled")) };
  await expect(writeTar(cancelled, [], temporary("a.tar"))).rejects.toThrow("cancelled");
  expect(existsSync(temporary("a.tar"))).toBe(false);
});
