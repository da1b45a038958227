import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";

import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { runProgram, type ProgramOptions, type ProgramRun } from "./program.ts";
import { FileServer, GitServer } from "./remote-server.ts";

const folder = useTemporaryFolder();
let root: string;

beforeEach(() => {
  root = folder();
  write("context/app", "application");
  write("context/Kubefile", "FROM scratch\nCOPY app /app\n");
});

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), content);
}

async function sealos(argv: readonly string[], options: Partial<ProgramOptions> = {}): Promise<ProgramRun> {
  return runProgram(argv, { root, ...options });
}

/** Builds and lists the files of the image: `mode size path`. */
async function filesOf(argv: readonly string[], options: Partial<ProgramOptions> = {}): Promise<string[]> {
  const output = join(root, "output.tar");
  rmSync(output, { force: true });
  const built = await sealos(["build", "-q", "-o", `type=tar,dest=${output}`, ...argv], options);
  expect(built).toMatchObject({ exitCode: 0, stderr: "" });
  const list = execFileSync("tar", ["-tvf", output], { encoding: "utf8" });
  return list
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/\s+/))
    .map((fields) => [fields[0], fields[1], fields[2], ...fields.slice(5)].join(" "));
}

function archiveOf(files: Readonly<Record<string, string>>): Buffer {
  for (const [path, text] of Object.entries(files)) write(`archive/${path}`, text);
  return execFileSync("tar", ["-C", join(root, "archive"), "-czf", "-", "."]);
}

test("ADD of a URL gives a file that only root may read; --unpack unpacks it; a checksum keeps it", async () => {
  const archive = archiveOf({ inside: "x" });
  await using server = await FileServer.start({ "files/a%20b.tgz": archive, plain: "plain" });
  const sha256 = createHash("sha256").update(archive).digest("hex");
  write(
    "context/Kubefile",
    [
      "FROM scratch",
      `ARG SITE=${server.url}`,
      "ADD $SITE/plain /p",
      "ADD --chmod=u=rw,go=r --chown=5 ${SITE}/files/a%20b.tgz /d/",
      "ARG SUM",
      "ADD --checksum=$SUM --unpack=true $SITE/files/a%20b.tgz /u/",
      "",
    ].join("\n"),
  );
  const argv = ["--build-arg", `SUM=sha256:${sha256}`, "context"];
  expect(await filesOf(argv)).toEqual([
    "drwxr-xr-x 5/5 0 d/",
    `-rw-r--r-- 5/5 ${archive.byteLength} d/a b.tgz`,
    "-rw------- 0/0 5 p",
    "drwxr-xr-x 0/0 0 u/",
    "-rw-r--r-- 0/0 1 u/inside",
  ]);
  const before = server.requests.length;
  await filesOf(argv);
  expect(server.requests.slice(before)).toEqual(["/plain", "/files/a%20b.tgz"]);
});

test.each([
  ["ADD URL/missing /x", /Kubefile:2:5: error: Cannot fetch "URL\/missing": the server answers 404/],
  [
    `ADD --checksum=sha256:${"0".repeat(64)} URL/plain /x`,
    /error: Cannot use "URL\/plain": expected sha256 0+, received /,
  ],
  ["ADD URL/ /x/", /2:5: error: The URL "URL\/" names no file \[INVALID_ARGUMENT\]/],
  [`ADD --checksum=${"0".repeat(40)} URL/plain /x`, /2:5: error: --checksum must be that of a file/],
  ["ADD git://127.0.0.1:1/x /x", /2:5: error: Cannot get "git:\/\/127.0.0.1:1\/x": fatal: unable to connect/],
])("sealos build refuses %j and says where and why", async (line, message) => {
  await using server = await FileServer.start({ plain: "plain" });
  write("context/Kubefile", `FROM scratch\n${line.replaceAll("URL", server.url)}\n`);
  const built = await sealos(["build", "context"]);
  expect(built).toMatchObject({ exitCode: 1, stdout: "" });
  expect(built.stderr.replaceAll(server.url, "URL")).toMatch(message);
});

test("ADD of a git repository takes a branch, a tag, a commit and a folder; a commit needs no network again", async () => {
  let commit: string;
  let url: string;
  {
    await using server = await GitServer.start(root, { "sub/tool": "#!/bin/sh\n", file: "1" });
    commit = server.head();
    server.commit({ file: "22" });
    url = server.url;
    write(
      "context/Kubefile",
      `FROM scratch\nADD ${url} /head/\nADD ${url}#v1 /tag/\nADD --chown=3 ${url}#main:sub /sub\nADD --checksum=${commit} ${url}#refs/tags/v1 /c/\n`,
    );
    expect(await filesOf(["context"])).toEqual([
      "drwxr-xr-x 0/0 0 c/",
      "-rw-r--r-- 0/0 1 c/file",
      "drwxr-xr-x 0/0 0 c/sub/",
      "-rwxr-xr-x 0/0 10 c/sub/tool",
      "drwxr-xr-x 0/0 0 head/",
      "-rw-r--r-- 0/0 2 head/file",
      "drwxr-xr-x 0/0 0 head/sub/",
      "-rwxr-xr-x 0/0 10 head/sub/tool",
      "drwxr-xr-x 3/3 0 sub/",
      "-rwxr-xr-x 3/3 10 sub/tool",
      "drwxr-xr-x 0/0 0 tag/",
      "-rw-r--r-- 0/0 1 tag/file",
      "drwxr-xr-x 0/0 0 tag/sub/",
      "-rwxr-xr-x 0/0 10 tag/sub/tool",
    ]);
    write("context/Kubefile", `FROM scratch\nADD --checksum=${commit} ${url}#main /x\n`);
    expect((await sealos(["build", "context"])).stderr).toMatch(/expected commit [0-9a-f]{40}, found [0-9a-f]{40}/);
    write("context/Kubefile", `FROM scratch\nADD ${url}#nowhere /x\n`);
    expect((await sealos(["build", "context"])).stderr).toContain('it has no branch or tag "nowhere"');
  }
  write("context/Kubefile", `FROM scratch\nADD ${url}#${commit}:sub /\n`);
  expect(await filesOf(["context"])).toEqual(["-rwxr-xr-x 0/0 10 tool"]);
});

test("ADD --keep-git-dir keeps a repository that git can use, the same one each time", async () => {
  await using server = await GitServer.start(root, { file: "1" });
  const ids: string[] = [];
  for (const cache of ["one", "two"]) {
    write("context/Kubefile", `FROM scratch\nADD --keep-git-dir ${server.url} /r\n`);
    const built = await sealos(["build", "-q", "--no-cache", "-o", join(root, cache), "context"], {
      env: { SEALOS_CACHE: join(root, `cache-${cache}`) },
    });
    expect(built).toMatchObject({ exitCode: 0 });
    ids.push(built.stdout);
  }
  const options = ["-c", "safe.directory=*", "-C", join(root, "one/r")];
  expect(execFileSync("git", [...options, "status", "--porcelain"], { encoding: "utf8" })).toBe("");
  expect(execFileSync("git", [...options, "log", "-1", "--format=%H"], { encoding: "utf8" }).trim()).toBe(
    server.head(),
  );
  expect(readFileSync(join(root, "one/r/.git/config"), "utf8")).not.toContain("127.0.0.1");
  expect(ids[0]).toBe(ids[1]);
});

test("a context may be a git repository, a tar file, a URL or standard input", async () => {
  const archive = archiveOf({ Kubefile: "FROM scratch\nCOPY x /y\n", x: "x" });
  write("context.tgz", archive);
  await using git = await GitServer.start(root, {
    "images/web/Dockerfile": "FROM scratch\nCOPY x /y\n",
    "images/web/x": "x",
  });
  await using server = await FileServer.start({
    "context.tgz": archive,
    Kubefile: "FROM scratch\nLABEL a=b\nCOPY <<E /y\nE\n",
  });
  const file = ["-rw-r--r-- 0/0 1 y"];
  expect(await filesOf(["context.tgz"])).toEqual(file);
  expect(await filesOf([`${git.url}#main:images/web`])).toEqual(file);
  expect(await filesOf([`${server.url}/context.tgz`])).toEqual(file);
  expect(await filesOf(["-"], { input: archive })).toEqual(file);
  expect(await filesOf(["-"], { input: "FROM scratch\nCOPY <<E /y\n1\nE\n" })).toEqual(["-rw-r--r-- 0/0 2 y"]);
  expect(await filesOf([`${server.url}/Kubefile`])).toEqual(["-rw-r--r-- 0/0 0 y"]);
  expect(await filesOf(["-f", `${server.url}/Kubefile`, "context"])).toEqual(["-rw-r--r-- 0/0 0 y"]);
});

test("--build-context takes folders, archives, repositories and images", async () => {
  write("extra/e", "e");
  write("extra.tgz", archiveOf({ t: "t" }));
  await using git = await GitServer.start(root, { "sub/g": "g" });
  expect(await sealos(["build", "-q", "-t", "base:1", "context"])).toMatchObject({ exitCode: 0 });
  write(
    "context/Kubefile",
    "FROM alpine\nCOPY --from=dir e /1\nCOPY --from=tar t /2\nCOPY --from=git g /3\nCOPY --from=other app /4\n",
  );
  const contexts = [
    "dir=extra",
    "tar=extra.tgz",
    `git=${git.url}#main:sub`,
    "other=docker-image://localhost/base:1",
    "alpine=docker-image://localhost/base:1",
  ].flatMap((text) => ["--build-context", text]);
  expect((await filesOf([...contexts, "context"])).map((line) => line.split(" ")[3])).toEqual([
    "1",
    "2",
    "3",
    "4",
    "app",
  ]);
});

test("several Kubefiles are read as one, and each problem is said of its own file", async () => {
  write("a", "FROM scratch\nARG V=0");
  write("b", "LABEL v=$V\nCOPY app /\n");
  write("values", "# comment\r\nV=1\r\nW=2=3\n\n");
  const argv = ["-q", "-t", "x", "--build-arg-file", "values", "--build-arg", "W=4"];
  const built = await sealos(["build", ...argv, "-f", "a", "-f", "b", "context"]);
  expect(built).toMatchObject({ exitCode: 0, stderr: 'Note: No ARG declares the build argument "W"\n' });
  expect((await sealos(["inspect", "-f", "{{.OCIv1.Config.Labels.v}}", "x"])).stdout).toBe("1\n");
  write("b", "LABEL v=$V\nCOPPY app /\n");
  expect((await sealos(["build", "-f", "a", "-f", "b", "context"])).stderr).toContain(
    'b:2:1: error: "COPPY" is not an instruction',
  );
});

test.each([
  [["-", "-f", "-"], 2, /Cannot read both the context and the Kubefile from standard input/],
  [["-f", "Kubefile.in", "context"], 1, /files for the C preprocessor are not supported/],
  [["--cpp-flag", "-DX", "context"], 2, /The flag --cpp-flag is known but not supported yet/],
  [["context/app"], 1, /Cannot use "context\/app" as build context: it is neither a folder nor a tar archive/],
  [["--build-context", "x=oci-archive://y", "context"], 2, /it is no kind of context that is known/],
  [["--build-arg-file", "missing", "context"], 2, /Cannot read --build-arg-file "missing": ENOENT/],
  [["--build-arg-file", "context/app", "context"], 2, /context\/app:1: expected NAME=VALUE, found "application"/],
  [["https://127.0.0.1/x.git#-u"], 1, /Cannot use "https:\/\/127.0.0.1\/x.git#-u" as build context: "-u" cannot be/],
])("sealos build %j ends with %d and says why", async (argv, exitCode, message) => {
  const built = await sealos(["build", ...argv]);
  expect(built).toMatchObject({ exitCode, stdout: "" });
  expect(built.stderr).toMatch(message);
});
