import { expect, test } from "vitest";

import { uniteLayers } from "../../src/store/image-tree.ts";
import type { LayerMember } from "../../src/store/layer-cache.ts";

type Member = readonly [path: string, changes?: Partial<LayerMember>];

/** What a tree looks like: folders end with a slash, files have their digest, links their target. */
function unite(...layers: readonly (readonly Member[])[]): Record<string, string> {
  const { tree } = uniteLayers(
    layers.map((members, index) => ({
      tarPath: `layer${index}`,
      members: members.map((member) => toMember(...member)),
    })),
  );
  return Object.fromEntries(
    [...tree.values()].map((entry) => {
      if (entry.type === "directory") return [`${entry.path}/`, entry.mode.toString(8)];
      return [entry.path, entry.type === "symlink" ? `-> ${entry.target}` : entry.sha256];
    }),
  );
}

function toMember(path: string, changes: Partial<LayerMember> = {}): LayerMember {
  return { path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 1, offset: 512, sha256: "1", ...changes };
}

const FOLDER = { type: "directory", mode: 0o700 } as const;
const link = (linkTarget: string) => ({ type: "symlink", linkTarget }) as const;
const hard = (linkTarget: string) => ({ type: "hardlink", linkTarget }) as const;

test("uniteLayers() says where each file's content is", () => {
  const members = [toMember("bin/a", { mode: 0o4755, uid: 7, gid: 8, size: 7, offset: 1024, sha256: "abc" })];
  expect(uniteLayers([{ tarPath: "/store/layer.tar", members }]).tree.get("bin/a")).toEqual({
    type: "file",
    path: "bin/a",
    mode: 0o4755,
    uid: 7,
    gid: 8,
    size: 7,
    sha256: "abc",
    content: { path: "/store/layer.tar", offset: 1024, length: 7 },
  });
});

test("uniteLayers() sorts by path and adds folders that no layer lists", () => {
  expect(Object.entries(unite([["b/c/d"], ["a"]]))).toEqual([
    ["a", "1"],
    ["b/", "755"],
    ["b/c/", "755"],
    ["b/c/d", "1"],
  ]);
});

test("uniteLayers() lets the later layer win", () => {
  expect(
    unite(
      [["a"], ["d", FOLDER]],
      [
        ["a", { sha256: "2" }],
        ["d", { ...FOLDER, mode: 0o755 }],
      ],
    ),
  ).toEqual({ a: "2", "d/": "755" });
});

test.for<[string, readonly Member[], Record<string, string>]>([
  ["a file by a whiteout", [["d/.wh.a"]], { "d/": "700", "d/e/": "755", "d/e/f": "1", top: "1" }],
  ["a folder by a whiteout", [[".wh.d"]], { top: "1" }],
  [
    "all in a folder by an opaque whiteout",
    [["d", FOLDER], ["d/.wh..wh..opq"], ["d/new"]],
    { "d/": "700", "d/new": "1", top: "1" },
  ],
  ["everything by an opaque whiteout", [[".wh..wh..opq"], ["new"]], { new: "1" }],
  ["a folder by a file", [["d", { sha256: "2" }]], { d: "2", top: "1" }],
  ["a folder by a link", [["d", link("/e")]], { d: "-> /e", top: "1" }],
  ["a file by a folder", [["top", FOLDER]], { "d/": "700", "d/a": "1", "d/e/": "755", "d/e/f": "1", "top/": "700" }],
  [
    "a file by what is inside it",
    [["top/x"]],
    { "d/": "700", "d/a": "1", "d/e/": "755", "d/e/f": "1", "top/": "755", "top/x": "1" },
  ],
  [
    "nothing by a whiteout of nothing",
    [["d/.wh.absent"], [".wh.d/x"]],
    { "d/": "700", "d/a": "1", "d/e/": "755", "d/e/f": "1", ".wh.d/": "755", ".wh.d/x": "1", top: "1" },
  ],
])("uniteLayers() replaces %s", ([, upper, expected]) => {
  expect(unite([["d", FOLDER], ["d/a"], ["d/e/f"], ["top"]], upper)).toEqual(expected);
});

test("uniteLayers() applies a whiteout to the layers below only", () => {
  expect(unite([["a"]], [["a", { sha256: "2" }], [".wh.a"]])).toEqual({ a: "2" });
});

test("uniteLayers() makes hard links files of their own, also across layers", () => {
  expect(unite([["a"], ["b", hard("a")]], [["c", hard("b")], [".wh.a"]])).toEqual({ b: "1", c: "1" });
});

test("uniteLayers() puts what is below a link where the link leads, never outside", () => {
  expect(unite([["usr/lib/x"], ["lib", link("usr/lib")]], [["lib/y"]])).toMatchObject({
    "usr/lib/y": "1",
    lib: "-> usr/lib",
  });
  expect(unite([["lib", link("../../../etc")]], [["lib/y"]])).toMatchObject({ "etc/y": "1" });
  expect(
    unite(
      [
        ["lib", link("/etc")],
        ["etc", link("conf")],
      ],
      [["lib/y"]],
    ),
  ).toMatchObject({ "conf/y": "1" });
});

test("uniteLayers() refuses links that form a circle", () => {
  expect(() => unite([["a", link("b")], ["b", link("a")], ["a/x"]])).toThrow(
    expect.objectContaining({ code: "UNSAFE_ARCHIVE" }),
  );
});

test("uniteLayers() refuses a hard link to nothing", () => {
  expect(() => unite([["b", hard("a")]])).toThrow('"b" is a hard link to "a", which is not there');
});

test("uniteLayers() keeps devices and pipes apart and says so", () => {
  const device = { major: 1, minor: 3 };
  const members = [toMember("dev/null", { type: "character-device", device }), toMember("pipe", { type: "fifo" })];
  const { tree, specials, notes } = uniteLayers([{ tarPath: "layer", members }]);
  expect([...tree.keys()]).toEqual(["dev"]);
  expect(specials.get("dev/null")).toEqual({
    path: "dev/null",
    type: "character-device",
    mode: 0o644,
    uid: 0,
    gid: 0,
    device,
  });
  expect(notes).toEqual(['left out "dev/null": it is a character-device', 'left out "pipe": it is a fifo']);
});

test("uniteLayers() ignores the root folder that many layers list", () => {
  expect(unite([["", FOLDER], ["a"]])).toEqual({ a: "1" });
});
