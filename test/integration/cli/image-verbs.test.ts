import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startOurRegistry, type OurRegistry } from "../registry/our-registry.ts";
import { runProgram, type ProgramRun } from "./program.ts";

let root: string;
let registry: OurRegistry;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "cli-image-verbs-test-"));
  registry = await startOurRegistry();
  await writeFile(join(root, "a"), "from a\n");
  await writeFile(join(root, "b"), "from b\n");
  await build("one", "COPY a /a", "COPY a /shared", 'ENV GREETING="hello you" PATH=/x', 'CMD ["echo $GREETING"]');
  await build("two", "COPY b /b", "COPY b /shared", "ENV WHO=world", 'CMD ["echo \\"$WHO\\""]', "LABEL kind=second");
});

afterAll(async () => {
  await registry.close();
  await rm(root, { recursive: true, force: true });
});

async function build(name: string, ...lines: readonly string[]): Promise<void> {
  await writeFile(join(root, "Kubefile"), ["FROM scratch", ...lines, ""].join("\n"));
  expect(await sealos("build", "-q", "-t", name, ".")).toMatchObject({ exitCode: 0 });
}

function sealos(...argv: string[]): Promise<ProgramRun> {
  return runProgram(argv, { root });
}

test("sealos diff lists the paths by which two images differ", async () => {
  expect(await sealos("diff", "one", "two")).toMatchObject({
    exitCode: 0,
    stdout: "deleted  /a\nadded    /b\nchanged  /shared\n",
  });
  expect(JSON.parse((await sealos("diff", "-o", "json", "one", "two")).stdout)).toEqual({
    changed: ["shared"],
    added: ["b"],
    deleted: ["a"],
  });
});

test("sealos diff --patch makes an image of what is new, and a tar file that GNU tar reads", async () => {
  const made = await sealos("diff", "-o", "patch.tar", "--patch", "-t", "patch:v1", "one", "two");
  expect(made).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^[0-9a-f]{64}\n$/) });
  expect(made.stderr).toContain("leaves 1 paths that NEW does not have");
  const listed = execFileSync("tar", ["-tf", join(root, "patch.tar")], { encoding: "utf8" });
  expect(listed).toBe("b\nshared\n.wh.a\n");
  expect((await sealos("diff", "patch:v1", "two")).stdout).toBe("");
  const inspected = JSON.parse((await sealos("inspect", "patch:v1")).stdout);
  expect(inspected.OCIv1.config).toMatchObject({ Cmd: ['echo "$WHO"'], Labels: { kind: "second" } });

  const saved = await sealos("diff", "--patch", "-t", "patch:v2", "--save", "-o", "image.tar", "one", "two");
  expect(saved.stdout).toBe(made.stdout);
  expect(await sealos("load", "-i", "image.tar")).toMatchObject({ stdout: "Loaded image: localhost/patch:v2\n" });
  await sealos("diff", "--patch", "-o", "patch.tar.gz", "one", "two");
  expect(execFileSync("tar", ["-xzOf", join(root, "patch.tar.gz"), "shared"], { encoding: "utf8" })).toBe("from b\n");
});

test("sealos diff --patch -o takes away the outermost of what is gone, and nothing that another file replaces", async () => {
  for (const path of ["before/etc/sub", "before/dir", "after/etc"]) await mkdir(join(root, path), { recursive: true });
  for (const path of ["before/etc/a", "before/etc/sub/b", "before/dir/x"]) await writeFile(join(root, path), "old");
  for (const path of ["after/etc/a", "after/dir"]) await writeFile(join(root, path), "new");
  await build("before", "COPY before /");
  await build("after", "COPY after /");
  await sealos("diff", "--patch", "-o", "patch.tar", "before", "after");
  const listed = execFileSync("tar", ["-tf", join(root, "patch.tar")], { encoding: "utf8" });
  expect(listed).toBe("dir\netc/\netc/a\netc/.wh.sub\n");
  expect(await sealos("diff", "--patch", "-o", "none.tar", "after", "after")).toMatchObject({ exitCode: 1 });
});

test.for([
  [["--patch"], "Give --patch with --output or --tag"],
  [["--patch", "--save", "-t", "x"], "Give --save with --tag and --output"],
  [["-t", "x"], "with --patch"],
  [["-o", "file.tar"], "expected text, table or json"],
  [["--patch", "-o", "p.tar.xz"], "packed with gzip or zstd"],
] as const)("sealos diff %j is refused", async ([flags, message]) => {
  const run = await sealos("diff", ...flags, "one", "two");
  expect(run).toMatchObject({ exitCode: 2, stdout: "" });
  expect(run.stderr).toContain(message);
});

test("sealos merge unites two images, says where they differ, and the result can be unpacked", async () => {
  const merged = await sealos("merge", "-q", "-t", "both:v1", "one", "two");
  expect(merged).toMatchObject({
    exitCode: 0,
    stderr: 'Conflict: "shared" of two replaces that of one\n',
  });
  expect(merged.stdout).toMatch(/^[0-9a-f]{64}\n$/);
  expect((await sealos("merge", "-q", "-t", "both:v2", "one", "two")).stdout).toBe(merged.stdout);

  const created = await sealos("create", "-q", "--into", "out", "both:v1");
  expect(created.stdout).toBe(`echo hello you\necho "world"\n${join(root, "out")}\n`);
  expect(await readFile(join(root, "out/a"), "utf8")).toBe("from a\n");
  expect(await readFile(join(root, "out/shared"), "utf8")).toBe("from b\n");
  expect(await sealos("create", "-q", "--into", "out", "both:v1")).toMatchObject({ exitCode: 1 });

  const inspected = JSON.parse((await sealos("inspect", "both:v1")).stdout);
  expect(inspected.OCIv1.config).toEqual({
    Env: ["GREETING=hello you", "WHO=world"],
    Cmd: ["echo $GREETING", 'echo "$WHO"'],
    Labels: { kind: "second" },
  });
});

test("sealos create unpacks an image once", async () => {
  const folder = (await sealos("create", "-q", "--short", "one")).stdout.trim();
  const before = await stat(folder);
  expect((await sealos("create", "-q", "--short", "one")).stdout.trim()).toBe(folder);
  expect((await stat(folder)).ino).toBe(before.ino);
});

test("sealos merge asks for a name and for two images", async () => {
  expect(await sealos("merge", "one", "two")).toMatchObject({ exitCode: 2 });
  expect(await sealos("merge", "-t", "x", "one")).toMatchObject({ exitCode: 2 });
});

test("sealos history shows each step with the size of its layer", async () => {
  const { stdout } = await sealos("history", "one");
  expect(stdout.split("\n")[0]).toMatch(/^IMAGE +CREATED +CREATED BY +SIZE +COMMENT/);
  const ids = (await sealos("history", "-q", "one")).stdout.trimEnd().split("\n");
  expect(ids[0]).toMatch(/^[0-9a-f]{12}$/);
  expect(new Set(ids.slice(1))).toEqual(new Set(["<missing>"]));
  const formatted = await sealos("history", "--human=false", "--format", "{{.Size}} {{.CreatedBy}}", "one");
  expect(formatted.stdout).toMatch(/^0 .*CMD/);
  expect(await sealos("history", "-q", "--format", "json", "one")).toMatchObject({ exitCode: 2 });
  const steps = JSON.parse((await sealos("history", "-o", "json", "one")).stdout);
  const copy = steps.find(({ createdBy }: { createdBy: string }) => createdBy.includes("COPY a /a"));
  expect(copy.sizeBytes).toBeGreaterThan(512);
  expect(steps[0]).toMatchObject({ createdBy: expect.stringContaining("CMD"), sizeBytes: 0 });
});

test("sealos manifest makes an index of two platforms and pushes it whole", async () => {
  await sealos("build", "-q", "--platform", "linux/arm64", "-t", "one-arm", ".");
  const created = await sealos("manifest", "create", "list:v1", "one");
  expect(created.stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  expect(await sealos("manifest", "create", "list:v1", "one")).toMatchObject({ exitCode: 1 });
  const added = await sealos("manifest", "add", "list:v1", "one-arm", "--platform", "linux/arm64");
  expect(added.stdout).toMatch(/^localhost\/list:v1: sha256:[0-9a-f]{64}\n$/);

  const destination = `${registry.name}/team/list:v1`;
  expect(await sealos("manifest", "push", "-q", "list:v1", destination)).toMatchObject({ exitCode: 0 });
  for (const name of ["list:v1", destination]) {
    const { manifests } = JSON.parse((await sealos("manifest", "inspect", name)).stdout);
    expect(manifests.map(({ platform }: { platform: object }) => platform)).toEqual([
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm64" },
    ]);
  }
  const pulled = await sealos("pull", "-q", "--platform", "linux/arm64", destination);
  expect(pulled).toMatchObject({ exitCode: 0 });
  expect(await sealos("manifest", "add", "one", "two")).toMatchObject({ exitCode: 1 });
});

test("sealos manifest add takes what buildah's does", async () => {
  await sealos("manifest", "create", "flags:v1");
  const flags = ["--os", "linux", "--arch", "arm64", "--variant", "v8", "--os-version", "10", "--os-features", "f1"];
  const added = await sealos("manifest", "add", ...flags, "--features", "x", "--annotation", "k=v", "flags:v1", "one");
  expect(added).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^localhost\/flags:v1: sha256:/) });
  const { manifests } = JSON.parse((await sealos("manifest", "inspect", "flags:v1")).stdout);
  expect(manifests).toMatchObject([
    {
      platform: { architecture: "arm64", os: "linux", "os.version": "10", "os.features": ["f1"], variant: "v8" },
      annotations: { k: "v" },
    },
  ]);
  await sealos("manifest", "create", "--all", "copy:v1", "flags:v1");
  expect(JSON.parse((await sealos("manifest", "inspect", "copy:v1")).stdout).manifests).toEqual(manifests);
});

test("sealos du says what an image alone takes, and prune frees what no image has", async () => {
  const before = JSON.parse((await sealos("du", "-o", "json")).stdout);
  const both = before.images.find(({ names }: { names: readonly string[] }) => names.includes("localhost/both:v1"));
  expect(both.uniqueBytes).toBeGreaterThan(0);
  expect(both.uniqueBytes).toBeLessThan(both.sizeBytes);
  await build("two", "COPY a /other");
  expect((await sealos("du")).stdout).toContain("<none>");
  expect((await sealos("prune")).stdout).toMatch(/^Removed [1-9]\d* blobs: [1-9]/);
  expect((await sealos("du")).stdout).not.toContain("<none>");
  expect(await sealos("diff", "one", "both:v1")).toMatchObject({ exitCode: 0 });
});
