import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";

import type { LayerEntry } from "../../src/archive/tar-entry.ts";
import { tarStream } from "../../src/archive/tar-stream.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { bytesMember, member, tarOf, textMember } from "./entries.ts";

const temporary = useTemporaryFolder();
const ctx = backgroundContext();

const LARGE = Buffer.alloc(20_000_001, "0123456789");
const LARGE_SHA256 = "89f94fd236a85332cf0bf4b1bd3cb91e1bd6d83e1336a83065373f3381ebeeab";

/** More than is hashed without a thread. */
function largeMember(sha256: string): LayerEntry {
  writeFileSync(temporary("large"), LARGE);
  const content = { path: temporary("large"), offset: 0, length: LARGE.byteLength, sha256 };
  return { entry: member("large", { size: LARGE.byteLength }), content };
}

async function collectCopies(entries: Iterable<LayerEntry>, context = ctx): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of tarStream(context, entries)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

test("tarStream() gives the bytes that tarSlabs() gives", async () => {
  const folder = { entry: member("folder", { type: "directory" }) };
  const found = await collectCopies([folder, largeMember(LARGE_SHA256), textMember("z", "text")]);
  expect(found.equals(tarOf([folder, bytesMember("large", LARGE), textMember("z", "text")]))).toBe(true);
});

test("tarStream() fails when content does not have the expected digest", async () => {
  await expect(collectCopies([largeMember("0".repeat(64))])).rejects.toMatchObject({
    code: "INVALID_INPUT",
    message: expect.stringContaining(`expected SHA-256 ${"0".repeat(64)}, found ${LARGE_SHA256}`),
  });
});

test("tarStream() stops when it is cancelled", async () => {
  const cancelled = { ...ctx, signal: AbortSignal.abort(new Error("cancelled")) };
  await expect(collectCopies([largeMember(LARGE_SHA256)], cancelled)).rejects.toThrow("cancelled");
});
