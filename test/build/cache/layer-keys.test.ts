import { expect, test } from "vitest";

import type { EntryContent, LayerEntry } from "../../../src/archive/tar-entry.ts";
import { commandKey, layerKeys, type LayerKeys } from "../../../src/build/cache/layer-keys.ts";
import type { LocalContent } from "../../../src/build/context/file-tree.ts";

const FILE: LocalContent = {
  path: "/context/a",
  offset: 0,
  length: 3,
  fileSize: 3,
  modifiedMs: 1000,
  changedMs: 2000,
  inode: 7,
  deviceId: 1,
};

const ENTRY: LayerEntry["entry"] = { path: "a", type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 3 };

function knownHash(wanted: EntryContent): string {
  return "path" in wanted ? (wanted.sha256 ?? "aa") : "bb";
}

function keysOf(entry: Partial<LayerEntry["entry"]>, content: EntryContent, compression = "none" as const): LayerKeys {
  return layerKeys([{ entry: { ...ENTRY, ...entry }, content }], { compression, knownHash });
}

const KEYS = keysOf({}, FILE);

test.each<Partial<LayerEntry["entry"]>>([
  { path: "b" },
  { mode: 0o600 },
  { uid: 1 },
  { gid: 1 },
  { mtime: 1 },
  { xattrs: { "user.a": Buffer.from("b") } },
])("layerKeys() gives other keys when %j is different", (change) => {
  const keys = keysOf(change, FILE);
  expect([keys.shape === KEYS.shape, keys.stat === KEYS.stat, keys.content === KEYS.content]).toEqual([
    false,
    false,
    false,
  ]);
});

test.each<Partial<LocalContent>>([{ inode: 8 }, { changedMs: 2001 }, { modifiedMs: 1 }, { deviceId: 2 }])(
  "layerKeys() gives the same content key and another stat key when %j is different",
  (change) => {
    const keys = keysOf({}, { ...FILE, ...change });
    expect(keys.shape).toBe(KEYS.shape);
    expect(keys.stat).not.toBe(KEYS.stat);
    expect(keys.content).toBe(KEYS.content);
  },
);

test("layerKeys() gives the same keys wherever the files are", () => {
  expect(keysOf({}, { ...FILE, path: "/elsewhere/a" })).toEqual(KEYS);
});

test("layerKeys() gives no stat key to files that the system does not describe", () => {
  const { stat, content } = keysOf({}, { path: "/tmp/x", offset: 0, length: 3 });
  expect(stat).toBeUndefined();
  expect(content).toBe(KEYS.content);
});

test("layerKeys() gives no content key when a hash is not known", () => {
  const unknown = { compression: "none", knownHash: () => undefined } as const;
  expect(layerKeys([{ entry: ENTRY, content: FILE }], unknown)).toEqual({ ...KEYS, content: undefined });
});

test("layerKeys() tells compressions apart", () => {
  const [none, gzip] = (["none", "gzip"] as const).map((compression) => layerKeys([], { compression, knownHash }));
  expect(none?.shape).not.toBe(gzip?.shape);
});

test("commandKey() depends on the layers below and on the command", () => {
  const below = { diffIds: ["sha256:1"], compression: "none" } as const;
  const keys = [
    commandKey("a", below),
    commandKey("b", below),
    commandKey("a", { ...below, diffIds: ["sha256:1", "sha256:2"] }),
    commandKey("a", { ...below, compression: "gzip" }),
  ];
  expect(new Set(keys).size).toBe(4);
  expect(commandKey("a", below)).toBe(keys[0]);
});
