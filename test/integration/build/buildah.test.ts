import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { PlanOptions } from "../../../src/build/build-plan.ts";
import type { ExecutionConfig } from "../../../src/oci/image-config.ts";
import { openImageFiles } from "../../../src/store/image-files.ts";
import { ImageStore } from "../../../src/store/image-store.ts";
import { BuildScene, listFiles } from "./build-scene.ts";

const FILES = {
  "d/f": "f\n",
  "d/l": "-> f",
  "d/sub/g": "g\n",
  lf: "-> d/f",
  "links/dangling": "-> ../nowhere",
  "links/folder": "-> ../x/many",
  "many/a.txt": "a\n",
  "many/b.txt": "b\n",
  passwd: "root:x:0:0::/:/x\nbin:x:1:7::/:/x\n",
  group: "root:x:0:\nbin:x:7:\nops:x:55:\n",
};

let scene: BuildScene;

beforeAll(() => {
  scene = new BuildScene(FILES);
  scene.write("d/setuid", "s\n", 0o4755);
  scene.write("d/private", "p\n", 0o600);
  chmodSync(join(scene.contextDirectory, "d"), 0o700);
  mkdirSync(join(scene.contextDirectory, "empty"));
});

afterAll(() => scene[Symbol.asyncDispose]());

interface Outcome {
  readonly config: ExecutionConfig;
  readonly files: readonly string[];
}

/** What buildah makes of it, read from the OCI layout that it writes. */
async function buildWithBuildah(kubefile: string, ...flags: readonly string[]): Promise<Outcome> {
  const file = join(scene.folder, "Kubefile");
  writeFileSync(file, kubefile);
  const storage = [
    "--root",
    join(scene.folder, "root"),
    "--runroot",
    join(scene.folder, "run"),
    "--storage-driver",
    "vfs",
  ];
  const buildah = (...args: string[]) => execFileSync("buildah", [...storage, ...args], { stdio: "pipe" });
  buildah("bud", "--isolation", "chroot", "-q", ...flags, "-t", "oracle", "-f", file, scene.contextDirectory);
  const layout = join(scene.folder, `oracle-${Math.random()}`);
  buildah("push", "-q", "oracle", `oci:${layout}:localhost/oracle:1`);
  await using store = await ImageStore.open(scene.ctx, layout);
  const manifest = await store.resolve(scene.ctx, "localhost/oracle:1");
  return toOutcome(await openImageFiles(scene.ctx, store, manifest));
}

async function buildWithOurs(kubefile: string, options: Partial<PlanOptions> = {}): Promise<Outcome> {
  return toOutcome(await scene.files(await scene.build(kubefile, options)));
}

function toOutcome(files: Awaited<ReturnType<typeof openImageFiles>>): Outcome {
  const { Labels: { "io.buildah.version": _, ...labels } = {}, ...config } = files.config.config ?? {};
  return { config: { ...config, Labels: labels }, files: listFiles(files) };
}

test.each([
  "ENV a='x\\'y'' b=\"q\\'r\" A=x$@y C=$ D=a$$PATH E=$(X)\nENV q ab  \"c d\"  e",
  'LABEL k v w\nLABEL "a b"=c d="e f" g=\\$name h=a\\ b i=\'$X\' y="${UNSET:-a b}" z=${PATH:+q}',
  "ARG A=1\nARG B=$A-2\nENV A=e\nENV R=$A,$B,$C",
  'EXPOSE 80 90/udp 100-102\nVOLUME /a /b\nVOLUME ["/c"]\nUSER u:g\nSTOPSIGNAL 9\nMAINTAINER me $a',
  'CMD ["a", "b $X"] # rest\nENTRYPOINT x $A "q" \\\n  # comment\n\n  y',
  'CMD [\'a\']\nENTRYPOINT ["e"]\nLABEL a="1 \\\n  # in quotes\n  2"',
  "WORKDIR /w\nWORKDIR x/../y\nCOPY lf .\nCOPY d/sub ../z",
  "COPY d new\nCOPY empty /e/m/pty",
  "COPY d/f lf /g\nCOPY many/*.txt /m/\nCOPY many/[b]* /n",
  "COPY passwd group /etc/\nCOPY --chown=bin d /o/p\nCOPY --chown=1 --chmod=640 d/f lf /q/\nCOPY --chown=5:ops d/l /z",
  "COPY d /g\nCOPY many/a.txt /g/sub\nCOPY many/b.txt /g/l",
  "COPY d /g\nCOPY many /g/sub/\nCOPY d/f /g/new/deep/",
  "COPY many /x/many\nCOPY links /links\nCOPY d/f /links/dangling\nCOPY lf /links/folder\nCOPY d/sub /links/folder/new",
  "COPY links /links\nCOPY d /links/dangling",
  'COPY ["d/f", "/with blank/"]\nCOPY / /all',
  "COPY d/l /ln\nCOPY d /t\nCOPY d/f /t/l/../x",
])("executeBuild() makes of %j what buildah makes", async (lines) => {
  const kubefile = `FROM scratch\n${lines}\n`;
  const expected = await buildWithBuildah(kubefile);
  expect(await buildWithOurs(kubefile)).toEqual(expected);
});

test("executeBuild() makes of several stages what buildah makes", async () => {
  const kubefile = `ARG V=scratch
FROM $V AS one
COPY --chown=3:4 --chmod=4711 d/f /f
ENV A=1
FROM one AS two
COPY many /many
FROM two
COPY --from=one /f /g
COPY --from=0 / /all
LABEL a=$A
`;
  const expected = await buildWithBuildah(kubefile);
  expect(await buildWithOurs(kubefile)).toEqual(expected);
});

test.each<[flags: readonly string[], options: Partial<PlanOptions>]>([
  [["--squash"], { squash: true }],
  [["--unsetenv", "A", "--label", "x=y"], { unsetEnvironment: ["A"], labels: { x: "y" } }],
  [["--target", "one"], { target: "one" }],
])("executeBuild() makes with %j what buildah makes", async (flags, options) => {
  const kubefile = `FROM scratch AS one
ENV A=1 B=2
COPY d /d
COPY many/a.txt /d/sub
FROM one
COPY --chown=3:4 many /d/sub/
`;
  const expected = await buildWithBuildah(kubefile, ...flags);
  expect(await buildWithOurs(kubefile, options)).toEqual(expected);
});

test("executeBuild() squashes into one layer and keeps the lines of the history", async () => {
  const image = await scene.build("FROM scratch\nCOPY d /d\nCOPY many /m\nLABEL a=b\n", { squash: true });
  expect(image.layers).toHaveLength(1);
  const { history = [] } = (await scene.files(image)).config;
  expect(history.map((line) => [line.created_by, line.empty_layer ?? false])).toEqual([
    ["COPY d /d", true],
    ["COPY many /m", true],
    ["LABEL a=b", false],
  ]);
});
