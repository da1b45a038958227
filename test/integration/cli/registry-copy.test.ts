import { execFileSync } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { parseHtpasswd } from "../../../src/registry/server/login.ts";
import { RegistryFolder } from "../../../src/registry/storage/filesystem.ts";
import { pushBlob, pushImage, testImage, testIndex } from "../../support/test-image.ts";
import { startDockerRegistry, type DockerRegistry } from "../registry/docker-registry.ts";
import { startOurRegistry, type OurRegistry } from "../registry/our-registry.ts";
import { runProgram, type ProgramRun } from "./program.ts";

const ctx = backgroundContext();
const [image, other] = [testImage("one"), testImage("two")];
const index = testIndex(image.manifest, other.manifest);
let root: string;
let docker: DockerRegistry;
let ours: OurRegistry;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "cli-registry-copy-test-"));
  docker = await startDockerRegistry();
  ours = await startOurRegistry();
  const folder = new RegistryFolder(join(root, "source"));
  const web = folder.repository("team/web");
  await pushImage(ctx, web, image);
  await pushImage(ctx, web, other);
  await pushBlob(ctx, web, index);
  await web.tag(ctx, index.descriptor, "v1");
  await web.tag(ctx, other.manifest.descriptor, "v2");
  await pushImage(ctx, folder.repository("app"), image);
  await folder.repository("app").tag(ctx, image.manifest.descriptor, "latest");
});

afterAll(async () => {
  await ours.close();
  await docker.close();
  await rm(root, { recursive: true, force: true });
});

function sealos(...argv: string[]): Promise<ProgramRun> {
  return runProgram(argv, { root });
}

test("sealos registry sync carries all tags from a folder through two registries into a folder", async () => {
  const expected = [
    `app:latest@${image.manifest.descriptor.digest}`,
    `team/web:v1@${index.descriptor.digest}`,
    `team/web:v2@${other.manifest.descriptor.digest}`,
    "",
  ].join("\n");
  for (const [from, to] of [
    ["./source", docker.name],
    [docker.name, ours.name],
    [ours.name, "./copy"],
  ] as const) {
    expect(await sealos("registry", "sync", "-q", from, to)).toEqual({ exitCode: 0, stdout: expected, stderr: "" });
  }
  const copy = new RegistryFolder(join(root, "copy")).repository("team/web");
  expect(await copy.resolve(ctx, "v1")).toEqual(index.descriptor);
  expect(await copy.has(ctx, image.manifest.descriptor)).toBe(true);
}, 120_000);

test("sealos registry sync copies the others and fails when an image is damaged", async () => {
  const folder = new RegistryFolder(join(root, "damaged"));
  for (const [name, content] of [
    ["good", image],
    ["bad", other],
  ] as const) {
    await pushImage(ctx, folder.repository(name), content);
    await folder.repository(name).tag(ctx, content.manifest.descriptor, "v1");
  }
  await folder.repository("bad").removeBlob(other.blobs[1]?.descriptor.digest ?? image.manifest.descriptor.digest);
  const run = await sealos("registry", "sync", "-q", "./damaged", "./partial");
  expect(run.exitCode).toBe(1);
  expect(run.stderr).toContain('Cannot copy 1 of 2 images to "./partial":\nbad:v1: ');
  expect(await new RegistryFolder(join(root, "partial")).repository("good").listTags()).toEqual(["v1"]);
});

test("sealos registry copy and save take images of a registry by name, from lists too", async () => {
  const source = await startOurRegistry({ root: join(root, "source") });
  try {
    const copied = await sealos("registry", "copy", "-q", `${source.name}/team/web:v1`, "./one");
    expect(copied.stdout).toBe(`team/web:v1@${index.descriptor.digest}\n`);
    await mkdir(join(root, "context/images/shim"), { recursive: true });
    await writeFile(join(root, "context/images/shim/list"), `# images\n${source.name}/app:latest\n`);
    const save = ["registry", "save", "-q", "--registry-dir", "saved", "--images", `${source.name}/team/web:v2`];
    expect((await sealos(...save, "context")).stdout.split("\n").sort()).toEqual([
      "",
      `app:latest@${image.manifest.descriptor.digest}`,
      `team/web:v2@${other.manifest.descriptor.digest}`,
    ]);
  } finally {
    await source.close();
  }
}, 60_000);

/** Two images of buildah, the second on a layer of the first, which is in an additional image store. */
async function buildInTwoStorages(): Promise<Readonly<Record<string, string>>> {
  const configuration = join(root, "storage.conf");
  const env = { ...process.env, CONTAINERS_STORAGE_CONF: configuration };
  const write = (graphroot: string, stores: string) =>
    writeFile(
      configuration,
      `[storage]\ndriver = "vfs"\ngraphroot = "${join(root, graphroot)}"\nrunroot = "${join(root, `${graphroot}-run`)}"\n${stores}`,
    );
  await mkdir(join(root, "built"));
  const build = async (name: string, kubefile: string) => {
    await writeFile(join(root, "built/Containerfile"), kubefile);
    await writeFile(join(root, "built/file"), name);
    execFileSync("buildah", ["bud", "-q", "--layers", "--pull-never", "-t", `localhost/${name}`, join(root, "built")], {
      env,
    });
  };
  await write("shared", "");
  await build("base:v1", "FROM scratch\nCOPY file /base\n");
  await write("own", `[storage.options]\nadditionalimagestores = ["${join(root, "shared")}"]\n`);
  await build("child:v1", "FROM localhost/base:v1\nCOPY file /child\n");
  return { CONTAINERS_STORAGE_CONF: configuration };
}

test("sealos registry save takes images of archives and of podman's storage, also of additional image stores", async () => {
  const env = await buildInTwoStorages();
  const run = (...argv: string[]) => runProgram(argv, { root, env });
  const images = "containers-storage:localhost/base:v1,containers-storage:localhost/child:v1";
  const saved = await run("registry", "save", "-q", "--registry-dir", "local", "--images", images);
  expect(saved).toMatchObject({ exitCode: 0, stderr: "" });
  expect(saved.stdout.match(/^(?:base|child):v1@sha256:[0-9a-f]{64}$/gm)).toHaveLength(2);
  const source = await startOurRegistry({ root: join(root, "local") });
  try {
    expect(await run("pull", "-q", "--tls-verify=false", `${source.name}/child:v1`)).toMatchObject({ exitCode: 0 });
  } finally {
    await source.close();
  }
  await run("create", "-q", "--into", "unpacked", `${source.name}/child:v1`);
  expect(await readFile(join(root, "unpacked/base"), "utf8")).toBe("base:v1");
  expect(await readFile(join(root, "unpacked/child"), "utf8")).toBe("child:v1");

  await run(
    "save",
    "-q",
    "-o",
    "two.tar.gz",
    "--compression",
    "gzip",
    "--format",
    "docker-archive",
    `${source.name}/child:v1`,
  );
  await mkdir(join(root, "context2/images/skopeo"), { recursive: true });
  await copyFile(join(root, "two.tar.gz"), join(root, "context2/images/skopeo/two.tar.gz"));
  await writeFile(join(root, "context2/images/skopeo/tar.txt"), "docker-archive:two.tar.gz@example.com/listed:v1\n");
  const tars = ["--tars", `docker-archive:${join(root, "two.tar.gz")}@example.com/group/named:v2`];
  const digest = /^[^@]*@(sha256:[0-9a-f]{64})\n/.exec((await run("registry", "save", "-q", ...tars)).stdout)?.[1];
  expect((await run("registry", "save", "-q", "context2")).stdout).toBe(`listed:v1@${digest}\n`);
  const folder = new RegistryFolder(join(root, "registry"));
  expect(await folder.listRepositories(ctx)).toEqual(["group/named", "listed"]);
  expect(await folder.repository("group/named").resolve(ctx, "v2")).toMatchObject({ digest });
  const wrong = await run("registry", "save", "--tars", "two.tar.gz");
  expect(wrong).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("expected docker-archive:FILE@NAME") });
}, 60_000);

test("sealos registry sync says what is no registry, and what has nothing", async () => {
  expect(await sealos("registry", "sync", "a b", "./x")).toMatchObject({ exitCode: 2 });
  expect((await sealos("registry", "sync", "./nothing", "./x")).stderr).toContain('from "./nothing": it has no tagged');
});

test("sealos registry passwd sets and changes passwords and keeps the other users", async () => {
  const set = (user: string, password: string) =>
    runProgram(["registry", "passwd", "-p", "users", "-u", user], { root, input: `${password}\n` });
  expect(await set("ada", "first")).toMatchObject({ exitCode: 0, stdout: "Set the password of ada in users\n" });
  await set("bob", "other");
  const before = parseHtpasswd(await readFile(join(root, "users"), "utf8"));
  await set("ada", "second");
  const after = parseHtpasswd(await readFile(join(root, "users"), "utf8"));
  expect([...after.keys()]).toEqual(["bob", "ada"]);
  expect(after.get("bob")).toBe(before.get("bob"));
  expect(after.get("ada")).not.toBe(before.get("ada"));
  expect((await stat(join(root, "users"))).mode & 0o777).toBe(0o600);
  expect(await set("a:b", "x")).toMatchObject({ exitCode: 1 });
});

test("sealos registry passwd says when there is no such cluster, or no user for a file", async () => {
  const missing = await runProgram(["registry", "passwd", "-c", "nowhere", "--generate"], { root });
  expect(missing).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('Cannot find cluster "nowhere"') });
  expect(await runProgram(["registry", "passwd", "-p", "users"], { root, input: "x" })).toMatchObject({ exitCode: 2 });
});

test("sealos registry prune removes what is left when a tag is gone", async () => {
  const folder = new RegistryFolder(join(root, "pruned"));
  const web = folder.repository("web");
  await pushImage(ctx, web, image);
  await web.tag(ctx, image.manifest.descriptor, "v1");
  await web.removeTag("v1");
  const prune = ["registry", "prune", "-o", "json", "--untagged", "pruned"];
  expect(JSON.parse((await sealos(...prune)).stdout)).toMatchObject({ removed: [], untagged: 0 });
  const removed = JSON.parse((await sealos(...prune, "--older-than", "0")).stdout);
  expect(removed).toMatchObject({ untagged: 1, uploads: 0 });
  expect(removed.removed).toHaveLength(3);
  expect(await sealos("registry", "prune", "source/..")).toMatchObject({ exitCode: 1 });
});
