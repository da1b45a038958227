import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { Progress } from "../../../src/base/progress.ts";
import type { FileTree } from "../../../src/build/context/file-tree.ts";
import { openBuildContext } from "../../../src/build/context/open-context.ts";
import { executeBuild } from "../../../src/build/execute.ts";
import { planBuild } from "../../../src/build/plan.ts";
import { parseKubefile } from "../../../src/kubefile/parse.ts";
import { AMD64, BuildScene, listFiles } from "./build-scene.ts";

const ENVIRONMENT = {
  buildContexts: new Map<string, FileTree>(),
  findImage: () => Promise.reject(new Error("No image is needed")),
};

test("executeBuild() makes the same image of the same files, whatever their times, order and folder", async () => {
  const names = ["a", "b", "c/d", "c/e", "\u00e4", "z"];
  const digests: string[] = [];
  for (const order of [names, names.toReversed()]) {
    await using scene = new BuildScene(Object.fromEntries(order.map((name) => [name, `content of ${name}`])));
    for (const name of order) utimesSync(join(scene.contextDirectory, name), digests.length + 1, digests.length + 5);
    const image = await scene.build("FROM scratch\nCOPY . /x\nCOPY c .\nLABEL a=b\n");
    digests.push(image.manifest.digest);
  }
  expect(digests[1]).toBe(digests[0]);
});

test("executeBuild() writes an image that skopeo and umoci read", async () => {
  await using scene = new BuildScene({ "bin/tool": "#!/bin/sh\n", "bin/link": "-> tool" });
  await scene.build('FROM scratch\nCOPY bin /usr/bin\nLABEL k="v"\nCMD ["x"]\n', { names: ["localhost/app:v1"] });
  const layout = `${scene.storeDirectory}:localhost/app:v1`;
  const inspected = execFileSync("skopeo", ["inspect", "--config", `oci:${layout}`], { encoding: "utf8" });
  expect(JSON.parse(inspected)).toMatchObject({ os: "linux", config: { Labels: { k: "v" }, Cmd: ["x"] } });
  const copy = join(scene.folder, "copy");
  execFileSync("skopeo", ["copy", "-q", `oci:${layout}`, `oci:${copy}:v1`]);
  execFileSync("umoci", ["unpack", "--rootless", "--image", `${copy}:v1`, join(scene.folder, "bundle")], {
    stdio: "pipe",
  });
  expect(readdirSync(join(scene.folder, "bundle/rootfs/usr/bin"))).toEqual(["link", "tool"]);
});

test("executeBuild() bases an image on one of the store and keeps its layers and configuration", async () => {
  await using scene = new BuildScene({ a: "a", b: "b" });
  const base = await scene.build('FROM scratch\nCOPY a /dir/a\nENV A=1\nLABEL x=1 y=1\nENTRYPOINT ["e"]\n', {
    names: ["localhost/base:1"],
  });
  const image = await scene.build("FROM localhost/base:1\nCOPY b /dir\nLABEL y=2\nENV B=$A\n");
  expect(image.layers.slice(0, 1)).toEqual(base.layers);
  const files = await scene.files(image);
  expect([...files.tree.keys()]).toEqual(["dir", "dir/a", "dir/b"]);
  expect(files.config.config).toMatchObject({ Labels: { x: "1", y: "2" }, Entrypoint: ["e"] });
  expect(files.config.config?.Env?.slice(1)).toEqual(["A=1", "B=1"]);
  expect(files.config.history?.map(({ created_by: by }) => by)).toEqual([
    "COPY a /dir/a",
    "ENV A=1",
    "LABEL x=1 y=1",
    'ENTRYPOINT ["e"]',
    "COPY b /dir",
    "LABEL y=2",
    "ENV B=$A",
  ]);
});

test("executeBuild() gives the base image itself for a file with nothing but FROM", async () => {
  await using scene = new BuildScene({ a: "a" });
  const base = await scene.build("FROM scratch\nCOPY a /a\n", { names: ["localhost/base:1"] });
  const same = await scene.build("FROM localhost/base:1\n", { names: ["localhost/same:1"] });
  expect(same.manifest).toEqual(base.manifest);
  const other = await scene.build("FROM localhost/base:1\n", { labels: { a: "b" } });
  expect(other.manifest.digest).not.toBe(base.manifest.digest);
});

test("executeBuild() lets options win over instructions", async () => {
  await using scene = new BuildScene();
  const image = await scene.build('FROM scratch\nENV c=2 K=own\nLABEL l=$K m="1"\n', {
    environment: { K: "given", Q: 'a $c "q"' },
    labels: { m: "$c" },
    annotations: { "org.example/a": "b" },
  });
  const { config, manifest } = await scene.files(image);
  expect(config.config?.Env?.slice(1)).toEqual(["c=2", "K=given", 'Q=a 2 "q"']);
  expect(config.config?.Labels).toEqual({ l: "own", m: "$c" });
  expect(manifest.annotations).toEqual({ "org.example/a": "b" });
});

test("executeBuild() unpacks the archives that ADD names, packed or not, and no others", async () => {
  await using scene = new BuildScene({ "in/f": "f", "in/s": "-> f", "text.gz": "not packed", "folder/x": "" });
  const run = (...args: string[]) =>
    execFileSync("tar", [...args, "--owner=5", "--group=6", "-C", scene.contextDirectory, "in"]);
  const place = (name: string) => join(scene.contextDirectory, name);
  chmodSync(place("in/f"), 0o4711);
  run("-cf", place("a.tar"));
  run("-czf", place("b.data"));
  run("-cJf", place("c.tar.xz"));
  run("-cf", place("folder/d.tar"));
  const image = await scene.build("FROM scratch\nADD a.tar /a\nADD b.* c.tar.xz /b/\nADD text.gz folder /c/\n");
  expect(listFiles(await scene.files(image)).map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
    "a 755 0:0",
    "a/in 755 5:6",
    "a/in/f 4711 5:6",
    "a/in/s 777 5:6",
    "b 755 0:0",
    "b/in 755 5:6",
    "b/in/f 4711 5:6",
    "b/in/s 777 5:6",
    "c 755 0:0",
    "c/d.tar 644 0:0",
    "c/text.gz 644 0:0",
    "c/x 644 0:0",
  ]);
});

test("executeBuild() refuses an archive that reaches out of its folder", async () => {
  await using scene = new BuildScene({ "in/f": "f" });
  const archive = join(scene.contextDirectory, "bad.tar");
  execFileSync("tar", [
    "-cf",
    archive,
    "--transform",
    "s,^in/f,../../etc/f,",
    "-P",
    "-C",
    scene.contextDirectory,
    "in/f",
  ]);
  await expect(scene.build("FROM scratch\nADD bad.tar /\n")).rejects.toThrow(
    /Cannot use archive member "\.\.\/\.\.\/etc\/f"/,
  );
});

test("executeBuild() finds that a file changes while it is read, and leaves no image", async () => {
  await using scene = new BuildScene({ big: Buffer.alloc(8_000_000), other: "x" });
  const store = await scene.store();
  const plan = planBuild(parseKubefile("FROM scratch\nCOPY big other /\n", "Kubefile"), { platform: AMD64 });
  let isChanged = false;
  const ctx = {
    ...backgroundContext(),
    progress: Progress.root(
      ({ type }) => {
        if (type !== "advanced" || isChanged) return;
        isChanged = true;
        appendFileSync(join(scene.contextDirectory, "big"), "more");
      },
      () => 0,
    ),
  };
  const context = openBuildContext(scene.contextDirectory);
  const environment = { ...ENVIRONMENT, store, context };
  await expect(executeBuild(ctx, plan, environment)).rejects.toThrow(/Cannot read ".*\/big": it/);
  expect(await store.list(scene.ctx)).toEqual([]);
  expect(readdirSync(join(scene.storeDirectory, "tmp"))).toEqual([]);
});

test("executeBuild() names a file that goes away during the build", async () => {
  await using scene = new BuildScene({ "d/a": "a" });
  const context = openBuildContext(scene.contextDirectory);
  const vanishing: FileTree = {
    ...context,
    find(path) {
      const entry = context.find(path);
      if (path === "d/a") rmSync(join(scene.contextDirectory, path), { force: true });
      return entry;
    },
  };
  const plan = planBuild(parseKubefile("FROM scratch\nCOPY d /\n", "Kubefile"), { platform: AMD64 });
  const environment = { ...ENVIRONMENT, store: await scene.store(), context: vanishing };
  await expect(executeBuild(scene.ctx, plan, environment)).rejects.toThrow(
    /^Cannot read ".*\/d\/a": it is not there any more/,
  );
});

test("executeBuild() refuses a folder that is exchanged for a link to the outside during the build", async () => {
  await using scene = new BuildScene({ "d/secret": "inside" });
  const place = (name: string) => join(scene.folder, name);
  mkdirSync(place("outside"));
  writeFileSync(place("outside/secret"), "outsid");
  const context = openBuildContext(scene.contextDirectory);
  const exchanging: FileTree = {
    ...context,
    find(path) {
      const entry = context.find(path);
      if (path === "d/secret") {
        renameSync(place("context/d"), place("moved"));
        symlinkSync(place("outside"), place("context/d"));
      }
      return entry;
    },
  };
  const plan = planBuild(parseKubefile("FROM scratch\nCOPY d /\n", "Kubefile"), { platform: AMD64 });
  const environment = { ...ENVIRONMENT, store: await scene.store(), context: exchanging };
  await expect(executeBuild(scene.ctx, plan, environment)).rejects.toThrow(
    /^Cannot read ".*\/d\/secret": its folder is now in ".*\/outside"/,
  );
});

test("executeBuild() skips sockets with a note and keeps names that are not UTF-8", async () => {
  await using scene = new BuildScene({ "d/a": "a" });
  const folder = Buffer.from(`${scene.contextDirectory}/d/`);
  writeFileSync(Buffer.concat([folder, Buffer.from([0x66, 0xff, 0x2e])]), "odd");
  const server = createServer().listen(join(scene.contextDirectory, "d/socket"));
  await new Promise((resolve) => server.once("listening", resolve));
  const image = await scene.build("FROM scratch\nCOPY d /\n");
  server.close();
  expect(image.notes).toEqual(['Left out "d/socket": it is a socket']);
  const files = await scene.files(image);
  expect([...files.tree.keys()]).toEqual(["a", "f\udcff."]);
});

test("openBuildContext() refuses what is not a folder", async () => {
  await using scene = new BuildScene({ "-": "x" });
  expect(() => openBuildContext(join(scene.folder, "nowhere"))).toThrow(/Cannot use ".*nowhere" as build context/);
  expect(() => openBuildContext(join(scene.contextDirectory, "-"))).toThrow(/it is not a folder/);
});

test("openBuildContext() reads the ignore file beside the Kubefile, then those of the context", async () => {
  await using scene = new BuildScene({ a: "", b: "", ".dockerignore": "a", "sub/K.dockerignore": "b", given: "sub" });
  const seen = (options: Parameters<typeof openBuildContext>[1]) =>
    ["a", "b", "sub"].filter((path) => openBuildContext(scene.contextDirectory, options).find(path));
  expect(seen({})).toEqual(["b", "sub"]);
  expect(seen({ kubefile: join(scene.contextDirectory, "sub/K") })).toEqual(["a", "sub"]);
  expect(seen({ ignoreFile: join(scene.contextDirectory, "given") })).toEqual(["a", "b"]);
  scene.write(".containerignore", "*");
  expect(seen({})).toEqual([]);
});
