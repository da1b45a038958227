import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { XattrReader } from "../../../src/archive/xattr-reader.ts";
import { BuildScene } from "./build-scene.ts";
import { Oracle } from "./buildah-oracle.ts";

const LONG = Array.from({ length: 20 }, (_, index) => `${index}`.padEnd(198, "long")).join("/");

let scene: BuildScene;

beforeAll(() => {
  scene = new BuildScene({ "links/b": "twice", "links/sub/other": "once", [`long/${LONG}`]: "far away" });
  const place = (path: string) => join(scene.contextDirectory, path);
  linkSync(place("links/b"), place("links/a"));
  linkSync(place("links/b"), place("links/sub/c"));
  scene.write("attributes/ping", "ping", 0o755);
  scene.write("attributes/plain", "plain");
  execFileSync("setcap", ["cap_net_raw+ep", place("attributes/ping")]);
  setXattr(place("attributes/plain"), "user.colour", "blue");
  setXattr(place("attributes"), "user.folder", "yes");
  mkdirSync(place("special"));
  execFileSync("mkfifo", ["-m", "600", place("special/pipe")]);
  execFileSync("mknod", ["-m", "640", place("special/null"), "c", "1", "3"]);
  execFileSync("mknod", ["-m", "660", place("special/disk"), "b", "259", "70000"]);
  writeFileSync(Buffer.concat([Buffer.from(place("special/latin-")), Buffer.from([0xe9])]), "bytes");
  execFileSync("truncate", ["-s", "3M", place("special/sparse")]);
});

afterAll(() => scene[Symbol.asyncDispose]());

/** Node has no call for it, and the programs that could read it back are under test. */
function setXattr(path: string, name: string, value: string): void {
  execFileSync("python3", ["-c", "import os,sys; os.setxattr(*map(os.fsencode, sys.argv[1:4]))", path, name, value]);
}

/** One line for everything that GNU tar makes of a layer: type, mode, owner, size, names of the same file, xattrs. */
async function extracted(layer: string, folder: string): Promise<readonly string[]> {
  mkdirSync(folder);
  execFileSync("tar", ["--xattrs", "--xattrs-include=*", "--numeric-owner", "-xpf", layer, "-C", folder]);
  const format = String.raw`%P\t%y %m %U:%G %n\t%l\t%p\0`;
  const output = execFileSync("find", [folder, "-mindepth", "1", "-printf", format], { encoding: "latin1" });
  const found = output.split("\0").filter((line) => line !== "");
  await using reader = new XattrReader();
  const paths = found.map((line) => line.split("\t")[3] ?? "");
  const xattrs = await reader.read(scene.ctx, paths);
  return found.sort().map((line) => {
    const [path, attributes, link, place = ""] = line.split("\t");
    const values = Object.entries(xattrs?.get(place) ?? {}).map(([name, value]) => `${name}=${toHex(value)}`);
    const device = attributes?.startsWith("b") || attributes?.startsWith("c") ? stat("%t:%T", place) : "";
    return [path, attributes, link, device, ...values].filter((text) => text !== "").join(" ");
  });
}

function toHex(value: Uint8Array): string {
  return Buffer.from(value).toString("hex");
}

function stat(format: string, path: string): string {
  return execFileSync("stat", ["-c", format, path], { encoding: "utf8" }).trim();
}

async function layerOf(kubefile: string): Promise<string> {
  const { layers } = await scene.build(kubefile);
  const digest = layers.at(-1)?.digest;
  if (digest === undefined) throw new Error("There is no layer");
  return (await scene.store()).blobPath(digest);
}

let runs = 0;

async function compare(kubefile: string): Promise<readonly string[]> {
  const oracle = new Oracle(scene.folder);
  const run = join(scene.folder, `run-${++runs}`);
  mkdirSync(run);
  const expected = await extracted(oracle.layers(kubefile, scene.contextDirectory).at(-1) ?? "", join(run, "expected"));
  const found = await extracted(await layerOf(kubefile), join(run, "found"));
  expect(found).toEqual(expected);
  return found;
}

test("COPY keeps names of one file as buildah does", async () => {
  const found = await compare("FROM scratch\nCOPY links /links/\n");
  expect(found).toContain("links/a f 644 0:0 3");
  expect(found).toContain("links/sub/other f 644 0:0 1");
});

test("COPY keeps capabilities and attributes of users as buildah does", async () => {
  const found = await compare("FROM scratch\nCOPY attributes /attributes/\n");
  expect(found).toContain("attributes/ping f 755 0:0 1 security.capability=0100000200200000000000000000000000000000");
  expect(found).toContain(`attributes/plain f 644 0:0 1 user.colour=${Buffer.from("blue").toString("hex")}`);
});

test("COPY keeps pipes, devices, sparse files and names that are not UTF-8 as buildah does", async () => {
  const found = await compare("FROM scratch\nCOPY special /special/\n");
  expect(found).toEqual([
    "special d 755 0:0 2",
    "special/disk b 660 0:0 1 103:11170",
    "special/latin-\u00e9 f 644 0:0 1",
    "special/null c 640 0:0 1 1:3",
    "special/pipe p 600 0:0 1",
    "special/sparse f 644 0:0 1",
  ]);
});

test("COPY --from keeps everything of a stage that COPY keeps of the context", async () => {
  await compare("FROM scratch AS one\nCOPY . /\nFROM scratch\nCOPY --from=one / /all/\n");
});

function copyFrom(name: string): string {
  return `FROM scratch AS one\nCOPY . /\nFROM scratch\nCOPY --from=${name} / /all/\n`;
}

test("COPY --from keeps of an image what it keeps of a stage", async () => {
  await scene.build("FROM scratch\nCOPY . /\n", { names: ["localhost/all:1"] });
  expect(await layerOf(copyFrom("localhost/all:1"))).toBe(await layerOf(copyFrom("one")));
});

test("ADD keeps of an archive what buildah keeps", async () => {
  const archive = join(scene.contextDirectory, "all.tar");
  const folders = ["links", "attributes", "special", "long"];
  try {
    execFileSync("tar", ["--xattrs", "--sort=name", "-cf", archive, "-C", scene.contextDirectory, ...folders]);
    const found = await compare("FROM scratch\nADD all.tar /added/\n");
    expect(found).toContain("added/links/sub/c f 644 0:0 3");
    expect(found).toContain(`added/attributes/plain f 644 0:0 1 user.colour=${toHex(Buffer.from("blue"))}`);
  } finally {
    rmSync(archive);
  }
});

test("umoci unpacks everything that a layer can have", async () => {
  await scene.build("FROM scratch\nCOPY . /\n", { names: ["localhost/all:1"] });
  const [layout, bundle] = [join(scene.folder, "umoci"), join(scene.folder, "bundle")];
  execFileSync("skopeo", ["copy", "-q", `oci:${scene.storeDirectory}:localhost/all:1`, `oci:${layout}:all`]);
  execFileSync("umoci", ["unpack", "--image", `${layout}:all`, bundle], { stdio: "pipe" });
  const root = join(bundle, "rootfs");
  expect(stat("%h", join(root, "links/sub/c"))).toBe("3");
  expect(stat("%F %t:%T", join(root, "special/disk"))).toBe("block special file 103:11170");
  expect(execFileSync("getcap", [join(root, "attributes/ping")], { encoding: "utf8" })).toContain("cap_net_raw=ep");
});
