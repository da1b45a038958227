import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

import { runProgram, type ProgramRun } from "./program.ts";

const run = promisify(execFile);
let root: string;

/** The same images in buildah's storage and in our store, a second apart. */
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "cli-buildah-images-test-"));
  await mkdir(join(root, "context"));
  await build("one:latest", 1_700_000_000, "LABEL a=b c=d", "ENV X=y", 'CMD ["sh", "-c", "true"]');
  await build("team/two:v2", 1_700_000_001, "LABEL a=other", 'ENTRYPOINT ["/run"]', "USER 1000", "WORKDIR /srv");
  await build("three:v1", 1_700_000_002, "EXPOSE 80");
  await buildah("tag", "one", "again:v3");
  await sealos("tag", "one", "again:v3");
}, 60_000);

afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

async function build(name: string, timestamp: number, ...lines: readonly string[]): Promise<void> {
  await writeFile(join(root, "context/file"), name);
  await writeFile(join(root, "context/Containerfile"), ["FROM scratch", "COPY file /file", ...lines, ""].join("\n"));
  await buildah("bud", "-q", "--timestamp", String(timestamp), "-t", name, join(root, "context"));
  const place = `containers-storage:[vfs@${join(root, "containers")}]localhost/${name}`;
  expect(await sealos("copy", "-q", place, name)).toMatchObject({ exitCode: 0 });
}

async function buildah(...words: readonly string[]): Promise<string> {
  const storage = ["--root", join(root, "containers"), "--runroot", join(root, "run"), "--storage-driver", "vfs"];
  return (await run("buildah", [...storage, ...words])).stdout;
}

async function sealos(...argv: readonly string[]): Promise<ProgramRun> {
  return runProgram(argv, { root });
}

const LINE = ["--format", "{{.Name}}:{{.Tag}} {{.ID}} {{.ReadOnly}}"];

test.for<readonly string[]>([
  ["-q"],
  ["-q", "--no-trunc"],
  ["-a", "-q"],
  ["--format", "{{.CreatedAtRaw}}"],
  ["-q", "one"],
  ["-q", "again:v3"],
  ["-q", "localhost/team/two:v2"],
  ["-q", "-f", "dangling=true"],
  ["-q", "-f", "dangling=false"],
  ["-q", "-f", "label=a"],
  ["-q", "-f", "label=a=b"],
  ["-q", "-f", "label=a=b", "-f", "label=c"],
  ["-q", "-f", "before=team/two:v2"],
  ["-q", "-f", "since=team/two:v2"],
  ["-q", "-f", "since=one"],
  ["-q", "-f", "reference=one"],
  ["-q", "-f", "reference=*two*"],
  ["-q", "-f", "reference=localhost/three:v1"],
  ["-q", "-f", "readonly=true"],
  ["-q", "-f", "readonly=false"],
  ["-q", "-f", "intermediate=false"],
])("sealos images %j prints what buildah prints", async (flags) => {
  const wanted = await buildah("images", ...flags);
  expect(await sealos("images", ...flags)).toMatchObject({ exitCode: 0, stdout: wanted });
});

/** buildah makes columns of what blanks separate, and has names of one image in the order in which they were given. */
const toLines = (text: string): readonly string[] => text.replaceAll(/ +/g, " ").split("\n").sort();

test.for<readonly string[]>([LINE, [...LINE, "--no-trunc"], ["--format", "{{.Name}} {{.CreatedAt}}"], ["-n"]])(
  "sealos images %j prints the lines that buildah prints",
  async (flags) => {
    const size = /[\d.]+ k?B/i;
    const read = (text: string): readonly string[] => toLines(text).map((line) => line.replace(size, "SIZE"));
    expect(read((await sealos("images", ...flags)).stdout)).toEqual(read(await buildah("images", ...flags)));
  },
);

interface ListedImage {
  readonly id: string;
  readonly names: readonly string[];
}

/** What does not depend on how a store keeps layers. */
function readImages(text: string): { readonly keys: readonly string[]; readonly images: readonly object[] } {
  const listed: readonly ListedImage[] = JSON.parse(text);
  const images = listed
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((image) => ({ ...image, names: new Set(image.names), digest: "", size: "", history: "" }));
  return { keys: Object.keys(listed[0] ?? {}).sort(), images };
}

test("sealos images --json has buildah's keys and values", async () => {
  const flags = ["images", "--json", "--no-trunc"];
  expect(readImages((await sealos(...flags)).stdout)).toEqual(readImages(await buildah(...flags)));
});

test.for([["none"], ["-f", "nonsense=1"], ["-q", "--format", "{{.ID}}"], ["-a", "one"], ["--format", "{{.Nope}}"]])(
  "sealos images %j fails as buildah does",
  async (flags) => {
    await expect(buildah("images", ...flags)).rejects.toThrow();
    expect(await sealos("images", ...flags)).toMatchObject({ exitCode: expect.toSatisfy(Boolean), stdout: "" });
  },
);

test.for([
  "{{.FromImageID}}",
  "{{.OCIv1.Config.Labels}}",
  "{{.OCIv1.Config.Env}}",
  "{{.OCIv1.Config.Cmd}}",
  "{{.OCIv1.Config.Entrypoint}}",
  "{{.OCIv1.Config.User}} {{.OCIv1.Config.WorkingDir}} {{.OCIv1.Architecture}} {{.OCIv1.OS}}",
  "{{.OCIv1.RootFS.Type}} {{.OCIv1.RootFS.DiffIDs}}",
  "{{range .OCIv1.History}}{{.CreatedBy}} {{.EmptyLayer}};{{end}}",
])("sealos inspect --format %s prints what buildah prints", async (format) => {
  for (const name of ["one", "team/two:v2", "three:v1"]) {
    const wanted = await buildah("inspect", "--type", "image", "--format", format, name);
    expect((await sealos("inspect", "--type", "image", "--format", format, name)).stdout).toBe(`${wanted}\n`);
  }
});

test("sealos inspect has the configuration that buildah shows", async () => {
  for (const name of ["one", "team/two:v2"]) {
    const wanted = JSON.parse(await buildah("inspect", "--type", "image", name));
    const found = JSON.parse((await sealos("inspect", name)).stdout);
    expect(found.OCIv1).toEqual(wanted.OCIv1);
    expect(found.FromImageID).toBe(wanted.FromImageID);
  }
});

test("sealos rmi prints what buildah prints", async () => {
  await buildah("tag", "three:v1", "last:v1");
  await sealos("tag", "three:v1", "last:v1");
  for (const names of [["last:v1"], ["three:v1", "team/two:v2"]]) {
    const wanted = (await buildah("rmi", ...names)).split("\n").sort();
    expect((await sealos("rmi", ...names)).stdout.split("\n").sort()).toEqual(wanted);
  }
});
