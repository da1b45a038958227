import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";

import { UploadFolder, UploadMemory } from "../../../src/registry/client/upload-sessions.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { blob } from "../../support/test-image.ts";

const temporary = useTemporaryFolder();
const location = new URL("https://registry.example/v2/web/blobs/uploads/1?state=a");
const { descriptor } = blob("layer");
const large = { registry: "registry.example", repository: "web", expected: { ...descriptor, size: 1e9 } };
const small = { ...large, expected: descriptor };

/** As if the process that keeps the uploads had been killed. */
function killOwner(): void {
  const [file = ""] = readdirSync(temporary("uploads"));
  const path = temporary(`uploads/${file}`);
  writeFileSync(path, readFileSync(path, "utf8").replace(/^.*/, "1-1"));
}

test("UploadMemory gives an upload that was cut off to one caller", async () => {
  const sessions = new UploadMemory();
  await sessions.keep(large, location);
  expect(await sessions.take(large)).toBeUndefined();
  await sessions.release(large);
  expect(await sessions.take(large)).toEqual(location);
  expect(await sessions.take(large)).toBeUndefined();
});

test("UploadFolder remembers large uploads of a process that is gone, and lets nobody else read them", async () => {
  await new UploadFolder(temporary("uploads")).keep(large, location);
  const [file = ""] = readdirSync(temporary("uploads"));
  expect(statSync(temporary(`uploads/${file}`)).mode & 0o777).toBe(0o600);
  const next = new UploadFolder(temporary("uploads"));
  expect(await next.take(large)).toBeUndefined(); // its process still runs
  killOwner();
  expect(await next.take({ ...large, repository: "other" })).toBeUndefined();
  expect(await next.take(large)).toEqual(location);
  await next.forget(large);
  expect(readdirSync(temporary("uploads"))).toEqual([]);
});

test("UploadFolder remembers small uploads in memory only", async () => {
  const sessions = new UploadFolder(temporary("uploads"));
  await sessions.keep(small, location);
  await sessions.release(small);
  expect(() => readdirSync(temporary("uploads"))).toThrow("ENOENT");
  expect(await sessions.take(small)).toEqual(location);
});

test("UploadFolder takes an upload of more than a week ago for forgotten", async () => {
  await new UploadFolder(temporary("uploads")).keep(large, location);
  killOwner();
  const [file = ""] = readdirSync(temporary("uploads"));
  const longAgo = Date.now() / 1000 - 8 * 24 * 3600;
  utimesSync(temporary(`uploads/${file}`), longAgo, longAgo);
  expect(await new UploadFolder(temporary("uploads")).take(large)).toBeUndefined();
});

test("UploadFolder works in memory where its folder cannot be made", async () => {
  writeFileSync(temporary("file"), "");
  const sessions = new UploadFolder(temporary("file/uploads"));
  await sessions.keep(large, location);
  await sessions.release(large);
  expect(await sessions.take(large)).toEqual(location);
  await sessions.forget(large);
  expect(await sessions.take(large)).toBeUndefined();
});
