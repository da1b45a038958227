import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";

import { bytesOf, collect } from "../../src/base/bytes.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { findParts, writeParts } from "../../src/store/transport/archive-parts.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const temporary = useTemporaryFolder();
const ctx = backgroundContext();

beforeEach(async () => {
  await writeParts(ctx, bytesOf("0123456789"), { path: temporary("a.tar"), partBytes: 4 });
});

async function read(path: string): Promise<string | undefined> {
  const parts = await findParts(ctx, temporary(path));
  return parts && (await collect(parts.content, 100)).toString();
}

test("writeParts() writes files of at most the given size and a list of their digests", () => {
  expect(readdirSync(temporary()).sort()).toEqual(["a.tar.000", "a.tar.001", "a.tar.002", "a.tar.parts"]);
  expect(readFileSync(temporary("a.tar.002"), "utf8")).toBe("89");
  expect(JSON.parse(readFileSync(temporary("a.tar.parts"), "utf8"))).toMatchObject({
    name: "a.tar",
    sizeBytes: 10,
    parts: [
      {
        name: "a.tar.000",
        sizeBytes: 4,
        digest: "sha256:1be2e452b46d7a0d9656bbb1f768e8248eba1b75baed65f5d99eafa948899a6a",
      },
      { name: "a.tar.001", sizeBytes: 4 },
      { name: "a.tar.002", sizeBytes: 2 },
    ],
  });
});

test("writeParts() removes parts that an earlier, longer archive had", async () => {
  await writeParts(ctx, bytesOf("01234567"), { path: temporary("a.tar"), partBytes: 4 });
  expect(readdirSync(temporary()).sort()).toEqual(["a.tar.000", "a.tar.001", "a.tar.parts"]);
});

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("abcdef");
  throw new Error("broken");
}

test("writeParts() leaves what was there alone when the content fails", async () => {
  await expect(writeParts(ctx, failing(), { path: temporary("a.tar"), partBytes: 4 })).rejects.toThrow("broken");
  expect(await read("a.tar")).toBe("0123456789");
  expect(readdirSync(temporary()).length).toBe(4);
});

test.for(["a.tar", "a.tar.parts", "a.tar.001"])("findParts() joins the parts when it is given %s", async (path) => {
  expect(await read(path)).toBe("0123456789");
});

test("findParts() is undefined for what is in no parts", async () => {
  writeFileSync(temporary("b.tar.001"), "x");
  expect(await read("b.tar.001")).toBeUndefined();
  expect(await read("nothing.tar")).toBeUndefined();
});

test("findParts() names every part that is missing or too short", async () => {
  rmSync(temporary("a.tar.000"));
  writeFileSync(temporary("a.tar.001"), "45");
  await expect(read("a.tar")).rejects.toMatchObject({
    code: "INVALID_INPUT",
    message: expect.stringContaining('2 of 3 parts are missing: "a.tar.000", "a.tar.001" (2 of 4 bytes)'),
  });
});

test("findParts() names the part that is damaged", async () => {
  writeFileSync(temporary("a.tar.001"), "4x67");
  await expect(read("a.tar")).rejects.toMatchObject({
    code: "INTEGRITY",
    message: expect.stringContaining("a.tar.001"),
  });
});

test.for([
  ["no JSON", "{"],
  ["another format", '{"format":"x","parts":[]}'],
  ["a part elsewhere", '{"format":"sealos-archive-parts-v1","parts":[{"name":"../x.000","sizeBytes":1,"digest":""}]}'],
])("findParts() refuses a list that is %s", async ([, text = ""]) => {
  writeFileSync(temporary("a.tar.parts"), text);
  await expect(read("a.tar")).rejects.toMatchObject({ code: "INVALID_INPUT" });
});
