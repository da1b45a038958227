import { mkdir, readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";

import { makeDurableFolder, renameDurably, syncFolder } from "../../src/base/durable.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const at = useTemporaryFolder();

test("renameDurably() makes missing parents and moves the file", async () => {
  await writeFile(at("file"), "content");
  await renameDurably(at("file"), at("a", "b", "file"));
  expect(await readFile(at("a", "b", "file"), "utf8")).toBe("content");
  await expect(readFile(at("file"))).rejects.toThrow("ENOENT");
});

test("makeDurableFolder() succeeds again when the folder is there", async () => {
  await makeDurableFolder(at("a", "b"));
  await makeDurableFolder(at("a", "b"));
  await expect(mkdir(at("a", "b"))).rejects.toThrow("EEXIST");
});

test("syncFolder() fails when there is no such folder", async () => {
  await expect(syncFolder(at("missing"))).rejects.toThrow("ENOENT");
});
