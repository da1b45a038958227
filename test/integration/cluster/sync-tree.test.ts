import { createHash, randomBytes } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { textFile, type HostTree, type HostTreeEntry } from "../../../src/cluster/tree/host-tree.ts";
import { observeTree } from "../../../src/cluster/tree/observe-tree.ts";
import { diffTree } from "../../../src/cluster/tree/record.ts";
import { syncTree } from "../../../src/cluster/tree/sync-tree.ts";
import { localTransport } from "../../../src/hosts/local-transport.ts";

const ctx = backgroundContext();
const transport = localTransport({ userId: userInfo().uid });
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sync-tree-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function location() {
  return {
    directory: join(root, "host/rootfs"),
    recordFile: join(root, "host/state/rootfs.tree"),
    incoming: join(root, "host/state/incoming"),
    exclude: ["registry"],
  };
}

/** A file of 3 MB that lies in the middle of a larger one, as in a layer. */
function largeFile(mode: number): HostTreeEntry {
  const content = randomBytes(3_000_000);
  const path = join(root, `layer-${mode}`);
  writeFileSync(path, Buffer.concat([randomBytes(1000), content, randomBytes(1000)]));
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { type: "file", mode, size: content.byteLength, sha256, content: { path, offset: 1000, length: 3_000_000 } };
}

/** @returns how many bytes were sent. */
async function sync(desired: HostTree): Promise<number> {
  let sentBytes = 0;
  const state = await observeTree(ctx, transport, location());
  const change = diffTree(desired, state);
  if (change.put.size === 0 && change.remove.length === 0) return 0;
  await syncTree(ctx, { transport, location: location(), desired, change, state }, (bytes) => {
    sentBytes += bytes;
  });
  return sentBytes;
}

function pathOf(name: string): string {
  return join(location().directory, name);
}

function sha256Of(name: string): string {
  return createHash("sha256")
    .update(readFileSync(pathOf(name)))
    .digest("hex");
}

test("syncTree() makes the folder what it should be, and a second time sends nothing", async () => {
  const large = largeFile(0o755);
  const tree: HostTree = new Map<string, HostTreeEntry>([
    ["bin", { type: "directory", mode: 0o750 }],
    ["bin/kubelet", large],
    ["bin/copy with 'quotes'", { ...large, mode: 0o700 } as HostTreeEntry],
    ["etc/secret", textFile("s3cret", 0o600)],
    ["link", { type: "symlink", target: "/abs/target" }],
  ]);
  expect(await sync(tree)).toBeGreaterThan(3_000_000);
  expect(large.type === "file" && large.sha256).toBe(sha256Of("bin/kubelet"));
  expect(sha256Of("bin/copy with 'quotes'")).toBe(sha256Of("bin/kubelet"));
  expect(statSync(pathOf("bin/kubelet")).mode & 0o7777).toBe(0o755);
  expect(statSync(pathOf("bin/copy with 'quotes'")).mode & 0o7777).toBe(0o700);
  expect(statSync(pathOf("bin")).mode & 0o7777).toBe(0o750);
  expect(statSync(pathOf("etc/secret")).mode & 0o7777).toBe(0o600);
  expect(readlinkSync(pathOf("link"))).toBe("/abs/target");
  expect(await sync(tree)).toBe(0);
});

test("syncTree() sends only what changed, on either side, and removes what is no longer wanted", async () => {
  const large = largeFile(0o755);
  await sync(
    new Map([
      ["a", large],
      ["b", textFile("one", 0o644)],
      ["c", textFile("two", 0o644)],
    ]),
  );
  writeFileSync(pathOf("c"), "tampered");
  expect(
    await sync(
      new Map([
        ["a", large],
        ["b", textFile("three", 0o644)],
        ["c", textFile("two", 0o644)],
      ]),
    ),
  ).toBeLessThan(10_000);
  expect([readFileSync(pathOf("b"), "utf8"), readFileSync(pathOf("c"), "utf8")]).toEqual(["three", "two"]);
  await sync(new Map([["a", large]]));
  expect(execFileSync("find", [location().directory, "-type", "f", "-printf", "%P "], { encoding: "utf8" })).toBe("a ");
});

test("syncTree() goes on with a file that was cut off", async () => {
  const large = largeFile(0o755);
  const desired: HostTree = new Map([["a", large]]);
  const sha256 = large.type === "file" ? large.sha256 : "";
  const partial = join(location().incoming, sha256);
  execFileSync("mkdir", ["-p", location().incoming]);
  const source = readFileSync(join(root, "layer-493")).subarray(1000, 3_001_000);
  writeFileSync(partial, source);
  truncateSync(partial, 2_000_000);
  expect(await sync(desired)).toBe(1_000_000);
  expect(sha256Of("a")).toBe(sha256);
});

test("syncTree() refuses what arrives damaged, and the next try heals it", async () => {
  const large = largeFile(0o755);
  const desired: HostTree = new Map([["a", large]]);
  const sha256 = large.type === "file" ? large.sha256 : "";
  execFileSync("mkdir", ["-p", location().incoming]);
  writeFileSync(join(location().incoming, sha256), randomBytes(2_000_000));
  await expect(sync(desired)).rejects.toMatchObject({ code: "INTEGRITY" });
  expect(await sync(desired)).toBe(3_000_000);
  expect(sha256Of("a")).toBe(sha256);
});
