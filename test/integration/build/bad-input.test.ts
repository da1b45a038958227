import { createCipheriv } from "node:crypto";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { indexTar, type IndexedEntry } from "../../../src/archive/tar-index.ts";
import type { TarEntry } from "../../../src/archive/tar-entry.ts";
import { messageOf } from "../../../src/base/error.ts";
import type { BuiltImage } from "../../../src/build/execute.ts";
import { parseDigest } from "../../../src/oci/digest.ts";
import { bytesMember, member, tarOf, textMember } from "../../archive/entries.ts";
import { Oracle } from "./buildah-oracle.ts";
import { BuildScene } from "./build-scene.ts";

let scene: BuildScene;

beforeAll(() => {
  scene = new BuildScene({ "d/f": "f", "w/.wh.f": "", "links/inside": "-> ../d/f" });
  mkdirSync(join(scene.folder, "outside"));
  writeFileSync(join(scene.folder, "outside/secret"), "SECRET");
  symlinkSync("../../outside", join(scene.contextDirectory, "links/relative"));
  symlinkSync(join(scene.folder, "outside/secret"), join(scene.contextDirectory, "links/absolute"));
  symlinkSync("circle", join(scene.contextDirectory, "links/circle"));
});

afterAll(() => scene[Symbol.asyncDispose]());

test.each([
  ["COPY ../outside/secret /x", /3:6: error: .*leads out of the build context/],
  ["COPY d/../../outside /x", /3:6: error: .*leads out of the build context/],
  ["COPY links/relative/secret /x", /3:6: error: .*leads out of the build context/],
  ["COPY links/relative/* /x/", /3:6: error: .*leads out of the build context/],
  ["COPY links/absolute /x", /3:6: error: .*leads out of the build context, to ".*outside.secret"/],
  ["COPY links/circle /x", /3:6: error: .*leads in a circle/],
  ["ADD links/absolute /x", /3:5: error: .*leads out of the build context/],
  ["COPY w /x", /3:6: error: .*would remove a file of a layer below \[UNSAFE_PATH\]/],
  ["COPY d/f /x/.wh.f", /3:6: error: .*would remove a file of a layer below \[UNSAFE_PATH\]/],
])("executeBuild() refuses %s with its place", async (line, message) => {
  await expect(scene.build(`FROM scratch\nLABEL a=b\n${line}\n`)).rejects.toThrow(message);
});

type Changes = Partial<TarEntry>;
const HARD: Changes = { type: "hardlink" };

function archive(name: string, content: Uint8Array): void {
  writeFileSync(join(scene.contextDirectory, name), content);
}

test.each<[what: string, path: string, changes: Changes, message: RegExp]>([
  ["an absolute member", "/etc/evil", {}, /3:5: error: .*"\/etc\/evil": it is absolute \[UNSAFE_PATH\]/],
  ["a member above", "a/../../evil", {}, /3:5: error: .*it contains a "\.\." part \[UNSAFE_PATH\]/],
  [
    "an absolute hard link",
    "h",
    { ...HARD, linkTarget: "/etc/passwd" },
    /3:5: error: .*it is absolute \[UNSAFE_PATH\]/,
  ],
  ["a hard link above", "h", { ...HARD, linkTarget: "../../etc/passwd" }, /3:5: error: .*"\.\." part \[UNSAFE_PATH\]/],
  ["a hard link to nothing", "h", { ...HARD, linkTarget: "etc/passwd" }, /3:5: error: .*what is not in it \[UNSAFE_/],
  ["a member below a file", "s/below", {}, /3:5: error: .*"\/x\/s" is a file, not a folder \[DESTINATION\]/],
  ["a whiteout", "a/.wh.b", {}, /3:5: error: .*would remove a file of a layer below \[UNSAFE_PATH\]/],
])("ADD refuses an archive with %s", async (_, path, changes, message) => {
  archive("bad.tar", tarOf([textMember("s", ""), { entry: member(path, changes) }]));
  await expect(scene.build("FROM scratch\nLABEL a=b\nADD bad.tar /x/\n")).rejects.toThrow(message);
});

const PROGRAMS = ["gzip", "bzip2", "xz", "zstd"] as const;

test.for(PROGRAMS)("ADD refuses an archive that %s has packed and that ends too early", async (program) => {
  const tar = tarOf([bytesMember("noise", noise(3_000_000))]);
  const packed = execFileSync(program, ["-c"], { input: tar, maxBuffer: 10_000_000 });
  archive("cut", packed.subarray(0, packed.byteLength - 60));
  await expect(scene.build("FROM scratch\nLABEL a=b\nADD cut /x/\n")).rejects.toThrow(
    /3:5: error: Cannot (unpack|read) .* \[INVALID_ARCHIVE\]/,
  );
});

const NO_DIGEST = parseDigest(`sha256:${"0".repeat(64)}`);

/** The same bytes every time, which no program can pack. */
function noise(sizeBytes: number): Buffer {
  return createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(sizeBytes));
}

test("ADD follows links of an archive inside the image", async () => {
  archive(
    "odd.tar",
    tarOf([{ entry: member("s", { type: "symlink", linkTarget: "/etc" }) }, textMember("s/evil", "1")]),
  );
  const built = await scene.build("FROM scratch\nADD odd.tar /x/\n");
  expect(await pathsOf(built)).toEqual(["etc", "etc/evil", "x", "x/s"]);
});

test("ADD takes the last of several members of a name, as buildah does", async () => {
  const entries = [
    textMember("folder/below", "1"),
    textMember("folder", "22"),
    textMember("file", "1"),
    { entry: member("file", { type: "directory", mode: 0o755 }) },
    textMember("file/below", "333"),
    { entry: member("link", { type: "symlink", linkTarget: "file" }) },
    textMember("link", "4444"),
    textMember("twice", "5"),
    textMember("twice", "66666"),
  ];
  archive("twice.tar", tarOf(entries));
  const kubefile = "FROM scratch\nADD twice.tar /x/\n";
  const [layer = ""] = new Oracle(scene.folder).layers(kubefile, scene.contextDirectory);
  const expected = await indexTar(scene.ctx, await unpacked(layer), { hash: false });
  const { layers } = await scene.build(kubefile);
  const found = await indexTar(scene.ctx, (await scene.store()).blobPath(layers[0]?.digest ?? NO_DIGEST), {
    hash: false,
  });
  expect(found.map(lineOf).sort()).toEqual(expected.map(lineOf).sort());
  expect(found.map(lineOf)).toContain("x/file/below file 3");
});

function lineOf({ entry: { path, type, size } }: IndexedEntry): string {
  return `${path} ${type} ${size}`;
}

async function pathsOf(image: Pick<BuiltImage, "manifest">): Promise<readonly string[]> {
  return [...(await scene.files(image)).tree.keys()];
}

async function unpacked(layer: string): Promise<string> {
  const path = join(scene.folder, "unpacked");
  writeFileSync(path, execFileSync("gzip", ["-dc"], { input: readFileSync(layer) }));
  return path;
}

/** Exchanges a folder of the context for a link to a folder outside and back, as fast as it can. */
const HAMMER = `
  const { renameSync } = require("node:fs");
  const [folder, link, spare] = process.argv.slice(1);
  process.stdout.write("ready");
  for (;;) {
    renameSync(folder, spare);
    renameSync(link, folder);
    renameSync(folder, link);
    renameSync(spare, folder);
  }
`;

test("executeBuild() never has anything from outside while a folder is exchanged for a link all the time", async () => {
  await using swapped = new BuildScene();
  for (let index = 0; index < 20; index++) swapped.write(`d/sub/file-${index}`, "inside");
  const place = (...parts: readonly string[]): string => join(swapped.folder, ...parts);
  mkdirSync(place("outside/sub"), { recursive: true });
  for (let index = 0; index < 40; index++) {
    writeFileSync(place("outside/sub", `file-${index}`), "SECRET");
    symlinkSync("/SECRET", place("outside/sub", `link-${index}`));
  }
  symlinkSync("../outside", place("link"));
  const hammer = spawn(process.execPath, ["-e", HAMMER, place("context/d"), place("link"), place("spare")]);
  try {
    await once(hammer.stdout, "data");
    const outcomes = new Set<string>();
    for (let round = 0; round < 60; round++) outcomes.add(await buildWhileSwapped(swapped));
    expect([...outcomes].filter((outcome) => !EXPECTED_OUTCOMES.test(outcome))).toEqual([]);
  } finally {
    hammer.kill("SIGKILL");
  }
});

const EXPECTED_OUTCOMES =
  /^built$|leads out of the build context|is not in the build context|Cannot read ".*context\/d/;

async function buildWhileSwapped(swapped: BuildScene): Promise<string> {
  try {
    const { layers } = await swapped.build("FROM scratch\nCOPY . /all/\nCOPY d/sub /sub/\n");
    for (const { digest } of layers) {
      const layer = readFileSync((await swapped.store()).blobPath(digest), "latin1");
      if (layer.includes("SECRET") || layer.includes("file-39")) return "something from outside is in a layer";
    }
    return "built";
  } catch (error) {
    return messageOf(error);
  }
}
