import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { lockSources } from "../../../src/actions/lock-sources.ts";
import { prepareSources, type PreparedSources } from "../../../src/actions/prepare-sources.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { serveFiles, unusedUrl, whole } from "./file-server.ts";

const folder = useTemporaryFolder();
const ctx = backgroundContext();
const { PATH } = process.env;

/** Stands in for Go: notes what it is called with, and "builds" a program for each package. */
const GO = `#!/bin/sh
[ "$1" = env ] && { echo go1.99.0; exit 0; }
echo "$* CGO_ENABLED=$CGO_ENABLED GOARCH=$GOARCH GOFLAGS=$GOFLAGS" >>"$GO_LOG"
[ ! -e "$GO_LOG.fail" ] || { echo "package broken" >&2; exit 1; }
while [ $# -gt 0 ]; do
  case $1 in -o) output=$2; shift ;; example.com/*) echo "program of $1" >"$output/\${1##*/}" ;; esac
  shift
done
`;

beforeEach(() => {
  put("bin/go", GO);
  chmodSync(folder("bin/go"), 0o755);
  process.env["PATH"] = `${folder("bin")}:${PATH}`;
  process.env["GO_LOG"] = folder("go.log");
});

afterEach(() => {
  process.env["PATH"] = PATH;
  delete process.env["GO_LOG"];
});

const MODULE = `
artifacts:
  - name: tools
    module:
      directory: modules/tools
      require: ["example.com/tools@v1.0.0"]
      flags: [-ldflags, "-s -w"]
      programs: { bin/one: example.com/tools/cmd/one, bin/two: example.com/tools/cmd/two }
`;

function put(path: string, content: string | Buffer): string {
  mkdirSync(dirname(folder(path)), { recursive: true });
  writeFileSync(folder(path), content);
  return folder(path);
}

function putModule(): void {
  put("image/sources.yaml", MODULE);
  put("image/modules/tools/go.mod", "module payload\n");
  put("image/modules/tools/go.sum", "");
}

interface Changes {
  readonly kind?: "auto" | "release" | "module";
  readonly mirror?: string;
  readonly into?: string;
}

function prepare({ kind = "auto", mirror, into = folder("payload") }: Changes = {}): Promise<PreparedSources> {
  return prepareSources(ctx, {
    path: folder("image"),
    arguments: {},
    architecture: "amd64",
    machineArchitecture: "amd64",
    cacheRoot: folder("cache"),
    into,
    kind,
    mirror,
  });
}

function goCalls(): string[] {
  return readFileSync(folder("go.log"), "utf8").trimEnd().split("\n");
}

test("prepareSources() builds all programs of a module by one call of Go and never again", async () => {
  putModule();
  const first = await prepare();
  expect(first.artifacts).toMatchObject([{ name: "tools", way: "module", wasCached: false }]);
  expect(goCalls()).toHaveLength(1);
  expect(goCalls()[0]).toMatch(
    /^build -C \S+\/image\/modules\/tools -mod=readonly -buildvcs=false -trimpath -v -ldflags -s -w -o \S+\/ example.com\/tools\/cmd\/one example.com\/tools\/cmd\/two CGO_ENABLED=0 GOARCH=amd64 GOFLAGS=$/,
  );
  expect(readFileSync(folder("payload/bin/one"), "utf8")).toBe("program of example.com/tools/cmd/one\n");
  expect(statSync(folder("payload/bin/two")).mode & 0o777).toBe(0o755);
  const again = await prepare({ into: folder("other") });
  expect(again.artifacts).toMatchObject([{ name: "tools", way: "module", wasCached: true }]);
  expect(goCalls()).toHaveLength(1);
  expect(readFileSync(folder("other/bin/one"), "utf8")).toBe("program of example.com/tools/cmd/one\n");
});

test("prepareSources() builds only what is missing when a program is added, and everything when go.sum changes", async () => {
  putModule();
  await prepare();
  put("image/sources.yaml", MODULE.replace("bin/two:", "bin/three: example.com/tools/cmd/three, bin/two:"));
  await prepare();
  expect(goCalls()[1]).toMatch(/-o \S+\/ example.com\/tools\/cmd\/three CGO/);
  put("image/modules/tools/go.sum", "changed\n");
  await prepare();
  expect(goCalls()[2]).toMatch(/one example.com\/tools\/cmd\/three example.com\/tools\/cmd\/two CGO/);
});

test("prepareSources() shows the last lines of Go when a build fails, and fills nothing", async () => {
  putModule();
  put("go.log.fail", "");
  await expect(prepare()).rejects.toMatchObject({
    code: "SOURCE_BUILD",
    message: expect.stringMatching(/^`go build .*` exited with 1:\n {2}package broken$/),
  });
  expect(readdirSync(folder())).not.toContain("payload");
});

test("lockSources() records what was built, and prepareSources() refuses a program that comes out differently", async () => {
  putModule();
  await prepare();
  const machine = { machineArchitecture: "amd64", cacheRoot: folder("cache") };
  const locked = await lockSources(ctx, { path: folder("image"), architectures: ["amd64"], ...machine });
  expect(locked).toMatchObject({ path: folder("image/sources.lock"), releases: 0, modules: 1, unreachable: [] });
  rmSync(folder("cache"), { recursive: true });
  await prepare();
  rmSync(folder("cache"), { recursive: true });
  put("bin/go", GO.replace("program of", "other program of"));
  await expect(prepare()).rejects.toMatchObject({
    code: "INTEGRITY",
    message: expect.stringMatching(/^Cannot use "bin\/one": expected sha256 [0-9a-f]{64} of amd64 go1\.99\.0, built /),
  });
});

test("lockSources() drops the hashes of programs, and prepareSources() accepts others, when the flags change", async () => {
  putModule();
  await prepare();
  const request = { path: folder("image"), architectures: ["amd64"], machineArchitecture: "amd64" };
  await lockSources(ctx, { ...request, cacheRoot: folder("cache") });
  expect(readFileSync(folder("image/sources.lock"), "utf8")).toContain('"flags": "-ldflags -s -w"');
  put("image/sources.yaml", MODULE.replace("-s -w", "-s"));
  put("bin/go", GO.replace("program of", "other program of"));
  await prepare();
  expect(readFileSync(folder("payload/bin/one"), "utf8")).toBe("other program of example.com/tools/cmd/one\n");
  await lockSources(ctx, { ...request, cacheRoot: folder("empty") });
  expect(readFileSync(folder("image/sources.lock"), "utf8")).not.toContain("amd64 go1.99.0");
});

const RELEASE = `
artifacts:
  - name: tools
    release:
      - { url: https://example.test/v1/tool, checksum: .sha256, program: bin/tool }
      - { url: https://example.test/v1/tools.tgz, checksum: .sha256, members: { bin/one: tools/one } }
    module:
      directory: modules/tools
      require: ["example.com/tools@v1.0.0"]
      programs: { bin/tool: example.com/tools/cmd/tool, bin/one: example.com/tools/cmd/one }
`;

const TOOL = Buffer.from("released tool\n");

function archive(): Buffer {
  put("tar/tools/one", "released one\n");
  chmodSync(folder("tar/tools/one"), 0o755);
  return execFileSync("tar", ["-C", folder("tar"), "-czf", "-", "./tools"]);
}

function hashLine(content: Buffer, name: string): Buffer {
  return Buffer.from(`${createHash("sha256").update(content).digest("hex")}  ${name}\n`);
}

async function serveRelease(tool = TOOL) {
  const tools = archive();
  return serveFiles({
    "/example.test/v1/tool": whole(tool),
    "/example.test/v1/tool.sha256": whole(hashLine(TOOL, "tool")),
    "/example.test/v1/tools.tgz": whole(tools),
    "/example.test/v1/tools.tgz.sha256": whole(hashLine(tools, "tools.tgz")),
  });
}

test("prepareSources() takes releases and members of archives when their host answers, once", async () => {
  putModule();
  put("image/sources.yaml", RELEASE);
  const { url, requests } = await serveRelease();
  const { artifacts } = await prepare({ mirror: url });
  expect(artifacts).toMatchObject([{ way: "release", wasCached: false }]);
  expect(readFileSync(folder("payload/bin/tool"), "utf8")).toBe("released tool\n");
  expect(readFileSync(folder("payload/bin/one"), "utf8")).toBe("released one\n");
  expect(statSync(folder("payload/bin/tool")).mode & 0o777).toBe(0o755);
  await lockSources(ctx, {
    path: folder("image"),
    architectures: ["amd64"],
    machineArchitecture: "amd64",
    cacheRoot: folder("cache"),
    mirror: url,
  });
  const before = requests.length;
  const again = await prepare({ mirror: url });
  expect(again.artifacts).toMatchObject([{ way: "release", wasCached: true }]);
  expect(requests.length).toBe(before);
});

test("prepareSources() builds modules when the releases' host does not answer, unless releases are demanded", async () => {
  putModule();
  put("image/sources.yaml", RELEASE);
  const mirror = await unusedUrl();
  expect((await prepare({ mirror })).artifacts).toMatchObject([{ way: "module" }]);
  await expect(prepare({ mirror, kind: "release" })).rejects.toMatchObject({ code: "FETCH_UNREACHABLE" });
});

test("prepareSources() builds modules when the host answers but does not have everything", async () => {
  putModule();
  put("image/sources.yaml", RELEASE);
  const { url } = await serveFiles({
    "/example.test/v1/tool": whole(TOOL),
    "/example.test/v1/tool.sha256": whole(hashLine(TOOL, "tool")),
  });
  expect((await prepare({ mirror: url })).artifacts).toMatchObject([{ way: "module" }]);
});

test("prepareSources() never builds instead of a release with a wrong hash", async () => {
  putModule();
  put("image/sources.yaml", RELEASE);
  const { url } = await serveRelease(Buffer.from("evil tool\n"));
  await expect(prepare({ mirror: url })).rejects.toMatchObject({ code: "INTEGRITY" });
});

test("prepareSources() takes releases from a folder that mirrors their hosts", async () => {
  put("image/sources.yaml", RELEASE.replace(/ {4}module:[\s\S]*/, ""));
  const tools = archive();
  put("mirror/example.test/v1/tool", TOOL);
  put("mirror/example.test/v1/tool.sha256", hashLine(TOOL, "tool"));
  put("mirror/example.test/v1/tools.tgz", tools);
  put("mirror/example.test/v1/tools.tgz.sha256", hashLine(tools, "tools.tgz"));
  await prepare({ mirror: folder("mirror") });
  expect(readFileSync(folder("payload/bin/one"), "utf8")).toBe("released one\n");
});

test("prepareSources() names the member when an archive lacks it", async () => {
  put("image/sources.yaml", RELEASE.replace("tools/one }", "tools/other }").replace(/ {4}module:[\s\S]*/, ""));
  const { url } = await serveRelease();
  await expect(prepare({ mirror: url })).rejects.toThrow('it has no member "tools/other"');
});

test("prepareSources() removes from a payload what is no longer in it, and leaves folders of others alone", async () => {
  put("image/sources.yaml", "artifacts: [{ name: a, text: { f/one: ['1'], two: ['2'] } }]");
  await prepare();
  expect(readdirSync(folder("payload")).toSorted()).toEqual([".payload.json", "build-arguments", "f", "two"]);
  put("image/sources.yaml", "artifacts: [{ name: a, text: { two: ['3'] } }]");
  await prepare();
  expect(readFileSync(folder("payload/two"), "utf8")).toBe("3\n");
  expect(readdirSync(folder("payload/f"))).toEqual([]);
  put("documents/letter", "dear");
  await expect(prepare({ into: folder("documents") })).rejects.toMatchObject({
    code: "INVALID_INPUT",
    message: `Cannot fill folder "${folder("documents")}": it holds other files`,
  });
});

test("prepareSources() says where the file should be when there is none", async () => {
  await expect(prepare()).rejects.toThrow(`Cannot find sources in "${folder("image")}": there is no sources.yaml`);
});
