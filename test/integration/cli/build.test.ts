import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { runProgram, type ProgramOptions, type ProgramRun } from "./program.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "cli-build-test-"));
  await mkdir(join(root, "context"));
  await writeFile(join(root, "context/app"), "application");
  await writeFile(join(root, "context/Kubefile"), 'FROM scratch\nCOPY app /app\nCMD ["run"]\n');
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function sealos(argv: readonly string[], options: Partial<ProgramOptions> = {}): Promise<ProgramRun> {
  return runProgram(argv, { root, ...options });
}

test("sealos build prints the image ID, writes it where it is told to, and names flags that do nothing", async () => {
  const built = await sealos([
    "build",
    "-q",
    "-t",
    "web:v1",
    "--iidfile",
    "id",
    "--layers",
    "--isolation=chroot",
    "-m",
    "1g",
    "context",
  ]);
  expect(built).toEqual({
    exitCode: 0,
    stdout: expect.stringMatching(/^[0-9a-f]{64}\n$/),
    stderr: "Note: --layers, --isolation, --memory have no effect here\n",
  });
  expect(await readFile(join(root, "id"), "utf8")).toBe(`sha256:${built.stdout.trim()}`);
  expect((await sealos(["images", "--format", "{{.Name}}:{{.Tag}}"])).stdout).toBe("localhost/web:v1\n");
});

test("sealos build takes the Kubefile from stdin and the time from a flag", async () => {
  const input = "FROM scratch\nARG V\nLABEL version=$V\nCOPY app /\n";
  const options = ["build", "-q", "-f", "-", "--build-arg", "V=2", "--timestamp", "86400", "-t", "web", "context"];
  expect(await sealos(options, { input })).toMatchObject({ exitCode: 0 });
  const format = "{{.OCIv1.Created}} {{.OCIv1.Config.Labels.version}}";
  expect((await sealos(["inspect", "-f", format, "web"])).stdout).toBe("1970-01-02T00:00:00Z 2\n");
});

test.each([
  [["build", "missing"], 1, /^Error: Cannot find a Kubefile: there is none of .*missing\/Sealfile, /],
  [["build", "--sign-by=x", "context"], 2, /The flag --sign-by is known but not supported yet/],
  [["build", "--build-context", "x", "context"], 2, /Invalid value "x" of --build-context/],
  [["build", "-t", "UPPER", "context"], 1, /Cannot parse image name "localhost\/UPPER"/],
])("sealos %j ends with %d", async (argv, exitCode, message) => {
  const run = await sealos(argv);
  expect(run).toMatchObject({ exitCode, stdout: "" });
  expect(run.stderr).toMatch(message);
});

test("a build that is killed leaves no image, and nothing in the way of the next one", async () => {
  await writeFile(join(root, "context/big"), "");
  await truncate(join(root, "context/big"), 2_000_000_000);
  await writeFile(join(root, "context/Kubefile"), "FROM scratch\nCOPY big /\n");
  const killed = await sealos(["build", "-t", "web", "context"], {
    onProgress: (stderr, kill) => stderr.includes("COPY big") && kill("SIGKILL"),
  });
  expect(killed.stdout).toBe("");
  expect((await sealos(["images", "-q"])).stdout).toBe("");

  await writeFile(join(root, "context/Kubefile"), "FROM scratch\nCOPY app /\n");
  expect(await sealos(["build", "-q", "-t", "web", "context"])).toMatchObject({ exitCode: 0, stderr: "" });
});

/** Builds an image of one file. */
async function buildFrom(base: string, name: string, ...flags: readonly string[]): Promise<void> {
  await writeFile(join(root, "context/Kubefile"), `FROM ${base}\nCOPY app /${name.replace(":", "-")}\n`);
  expect(await sealos(["build", "-q", "-t", name, ...flags, "context"])).toMatchObject({ exitCode: 0 });
}

async function digestOf(name: string): Promise<string> {
  return (await sealos(["inspect", "-f", "{{.FromImageDigest}}", name])).stdout.trim();
}

async function annotationsOf(name: string): Promise<unknown> {
  const manifest: unknown = JSON.parse((await sealos(["inspect", "--raw", name])).stdout);
  return typeof manifest === "object" && manifest && "annotations" in manifest ? manifest.annotations : undefined;
}

test("sealos build says what an image is built on, by which sealos rebase finds it under any name", async () => {
  await buildFrom("scratch", "base:v1");
  await buildFrom("base:v1", "app:v1");
  const annotations = {
    "org.opencontainers.image.base.name": "localhost/base:v1",
    "org.opencontainers.image.base.digest": await digestOf("base:v1"),
  };
  expect(await annotationsOf("app:v1")).toEqual(annotations);
  expect(await annotationsOf("base:v1")).toBeUndefined();
  await buildFrom("base:v1", "app:docker", "--format", "docker");
  expect(await annotationsOf("app:docker")).toBeUndefined();
  await sealos(["tag", "base:v1", "kept"]);
  await writeFile(join(root, "context/app"), "another application");
  await buildFrom("scratch", "base:v1");
  expect(await sealos(["rebase", "-q", "app:v1", "--onto", "base:v1", "-t", "app:v2"])).toMatchObject({ exitCode: 0 });
  expect(await annotationsOf("app:v2")).toMatchObject({
    "org.opencontainers.image.base.digest": await digestOf("base:v1"),
  });
});

test("sealos build takes base images and files from OCI layouts, by tag or digest", async () => {
  await buildFrom("scratch", "base:v1");
  expect(await sealos(["copy", "-q", "base:v1", "oci:layout:stable"])).toMatchObject({ exitCode: 0 });
  const digest = await digestOf("base:v1");
  await sealos(["rmi", "base:v1"]);
  for (const place of ["layout:stable", `${root}/layout@${digest}`, "layout"]) {
    await writeFile(join(root, "context/Kubefile"), "FROM base\nCOPY --from=base /base-v1 /copy\n");
    const argv = ["build", "-q", "-t", "app", "--build-context", `base=oci-layout://${place}`, "context"];
    expect(await sealos(argv)).toMatchObject({ exitCode: 0, stderr: "" });
  }
  const argv = ["build", "-q", "--build-context", "base=oci-layout://layout:other", "context"];
  expect(await sealos(argv)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("it holds stable") });
});
