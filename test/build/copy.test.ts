import { expect, test } from "vitest";

import { parseIgnoreRules } from "../../src/build/context/ignore-rules.ts";
import { withoutIgnored } from "../../src/build/context/ignored-tree.ts";
import type { FileTree } from "../../src/build/context/file-tree.ts";
import { linkTo, treeOf } from "../support/memory-tree.ts";
import { runBuild } from "../support/run-build.ts";

const FILES = treeOf({
  "bin/kubelet": { mode: 0o4755 },
  "bin/tmp": { type: "directory", mode: 0o1777 },
  "bin/link": linkTo("kubelet"),
  "d/f": "f",
  d: { type: "directory", mode: 0o700 },
  "d/sub": { type: "directory", mode: 0o750 },
  "d/sub/g": "g",
  lf: linkTo("d/f"),
  ld: linkTo("d"),
  "many/a.txt": "a",
  "many/b.txt": "b",
  "run/socket": { type: "socket" },
  "run/fifo": { type: "fifo", mode: 0o600 },
  "registry/.wh.x": "",
  out: linkTo("/etc/passwd"),
  passwd: "root:x:0:0:root:/root:/bin/sh\nbin:x:1:7:bin:/bin:/sbin/nologin\n",
  group: "root:x:0:\nops:x:55:bin\n",
});

/** The same as a folder of this machine. */
const CONTEXT: FileTree = { hostRoot: "/context", find: (path) => FILES.find(path), list: (path) => FILES.list(path) };

async function layersOf(lines: string): Promise<readonly (readonly string[])[]> {
  return (await runBuild(`FROM scratch\n${lines}\n`, { context: CONTEXT })).layers;
}

test.each<[lines: string, ...layers: string[][]]>([
  [
    "COPY bin /usr/bin",
    [
      "usr/ 755 0:0",
      "usr/bin/ 755 0:0",
      "usr/bin/kubelet 755 0:0",
      "usr/bin/link 777 0:0 -> kubelet",
      "usr/bin/tmp/ 1777 0:0",
    ],
  ],
  ["COPY d new", ["new/ 755 0:0", "new/f 644 0:0", "new/sub/ 750 0:0", "new/sub/g 644 0:0"]],
  ["COPY d/sub/ .", ["g 644 0:0"]],
  ["COPY d/f /g", ["g 644 0:0"]],
  ["COPY d/f /g/", ["g/ 755 0:0", "g/f 644 0:0"]],
  ["COPY d/f .", ["f 644 0:0"]],
  ["WORKDIR /w/x\nCOPY d/f ../y/", ["w/ 755 0:0", "w/x/ 755 0:0"], ["w/y/ 755 0:0", "w/y/f 644 0:0"]],
  ["COPY lf /g", ["g 644 0:0"]],
  ["COPY lf /g/", ["g/ 755 0:0", "g/lf 644 0:0"]],
  ["COPY ld/sub /x", ["x/ 755 0:0", "x/g 644 0:0"]],
  ["COPY many/a.txt d/f /x", ["x/ 755 0:0", "x/a.txt 644 0:0", "x/f 644 0:0"]],
  ["COPY many/*.txt /x/", ["x/ 755 0:0", "x/a.txt 644 0:0", "x/b.txt 644 0:0"]],
  ["COPY many/*b.t?t /x", ["x 644 0:0"]],
  ["COPY nothing* many/a.txt /x/", ["x/ 755 0:0", "x/a.txt 644 0:0"]],
  ['COPY "d/f" "/a b"', ["a b 644 0:0"]],
  ["ARG N=d\nENV T=/t\nCOPY ${N}/f $T/", ["t/ 755 0:0", "t/f 644 0:0"]],
  ["COPY --chown=5:6 --chmod=0640 d /x", ["x/ 755 5:6", "x/f 640 5:6", "x/sub/ 640 5:6", "x/sub/g 640 5:6"]],
  ["COPY --chown=7 d/f /x/y/", ["x/ 755 7:7", "x/y/ 755 7:7", "x/y/f 644 7:7"]],
  [
    "COPY passwd group /etc/\nCOPY --chown=bin d/f /a\nCOPY --chown=bin:ops d/f /b",
    ["etc/ 755 0:0", "etc/group 644 0:0", "etc/passwd 644 0:0"],
    ["a 644 1:7"],
    ["b 644 1:55"],
  ],
  [
    "COPY many /x\nCOPY many /x",
    ["x/ 755 0:0", "x/a.txt 644 0:0", "x/b.txt 644 0:0"],
    ["x/a.txt 644 0:0", "x/b.txt 644 0:0"],
  ],
  [
    "COPY d /x\nCOPY many/a.txt /x/sub",
    ["x/ 755 0:0", "x/f 644 0:0", "x/sub/ 750 0:0", "x/sub/g 644 0:0"],
    ["x/sub/a.txt 644 0:0"],
  ],
  [
    "COPY bin /b\nCOPY d/f /b/link",
    ["b/ 755 0:0", "b/kubelet 755 0:0", "b/link 777 0:0 -> kubelet", "b/tmp/ 1777 0:0"],
    ["b/link 644 0:0"],
  ],
  [
    "COPY d/f /x/link\nCOPY bin /x",
    ["x/ 755 0:0", "x/link 644 0:0"],
    ["x/kubelet 755 0:0", "x/link 777 0:0 -> kubelet", "x/tmp/ 1777 0:0"],
  ],
  ["COPY <<A <<'B' /x/\n$PATH\nA\n$PATH\nB", ["x/ 755 0:0", "x/A 644 0:0", "x/B 644 0:0"]],
  ["COPY d/sub /\nCOPY d/sub /", ["g 644 0:0"], ["g 644 0:0"]],
  ["COPY run /r", ["r/ 755 0:0", "r/fifo 600 0:0"]],
  [
    "COPY --parents d/f ld/sub/g /x",
    ["x/ 755 0:0", "x/d/ 700 0:0", "x/d/f 644 0:0", "x/ld/ 700 0:0", "x/ld/sub/ 750 0:0", "x/ld/sub/g 644 0:0"],
  ],
  ["COPY --parents d/./sub /x", ["x/ 755 0:0", "x/sub/ 750 0:0", "x/sub/g 644 0:0"]],
  ["COPY --parents ./**/*.txt /x/", ["x/ 755 0:0", "x/many/ 755 0:0", "x/many/a.txt 644 0:0", "x/many/b.txt 644 0:0"]],
  ["COPY --parents --chown=5 many/./*a.txt /", ["a.txt 644 5:5"]],
  ["COPY --exclude=sub d /x", ["x/ 755 0:0", "x/f 644 0:0"]],
  ["COPY --exclude=* --exclude=!sub d /x", ["x/ 755 0:0", "x/sub/ 750 0:0", "x/sub/g 644 0:0"]],
  ["ARG E=a.txt\nCOPY --exclude=$E many/*.txt /x/", ["x/ 755 0:0", "x/b.txt 644 0:0"]],
  [
    "COPY --exclude=**/g --parents d many /x",
    [
      "x/ 755 0:0",
      "x/d/ 700 0:0",
      "x/d/f 644 0:0",
      "x/d/sub/ 750 0:0",
      "x/many/ 755 0:0",
      "x/many/a.txt 644 0:0",
      "x/many/b.txt 644 0:0",
    ],
  ],
  ["COPY --chmod=u=rwX,go=rX d /x", ["x/ 755 0:0", "x/f 644 0:0", "x/sub/ 755 0:0", "x/sub/g 644 0:0"]],
  ["ARG M=+x\nCOPY --chmod=$M d/f /x", ["x 755 0:0"]],
  [
    "COPY bin /b\nCOPY --link d/f /b/link/",
    ["b/ 755 0:0", "b/kubelet 755 0:0", "b/link 777 0:0 -> kubelet", "b/tmp/ 1777 0:0"],
    ["b/ 755 0:0", "b/link/ 755 0:0", "b/link/f 644 0:0"],
  ],
  [
    "COPY d /x\nCOPY --link d/f /x/sub\nCOPY d/f /x/sub",
    ["x/ 755 0:0", "x/f 644 0:0", "x/sub/ 750 0:0", "x/sub/g 644 0:0"],
    ["x/ 755 0:0", "x/sub 644 0:0"],
    ["x/sub 644 0:0"],
  ],
])("COPY makes of %j the layers that a builder makes", async (lines, ...layers) => {
  expect(await layersOf(lines)).toEqual(layers);
});

test("COPY --from=STAGE keeps owners and all permission bits, and later changes of that stage's children stay apart", async () => {
  const kubefile = `FROM scratch AS one
COPY --chown=3:4 --chmod=4711 d/f /f
FROM one AS two
COPY d/f /g
FROM scratch
COPY --from=one / /x
COPY --from=1 / /y
COPY --from=one --chown=9 f /z
`;
  const { layers } = await runBuild(kubefile, { context: CONTEXT });
  expect(layers).toEqual([
    ["x/ 755 0:0", "x/f 4711 3:4"],
    ["y/ 755 0:0", "y/f 4711 3:4", "y/g 644 0:0"],
    ["z 4711 9:9"],
  ]);
});

test("COPY --from=NAME takes files from an additional context, as root's and without setuid", async () => {
  const contexts = { payload: CONTEXT };
  const { layers } = await runBuild("FROM scratch\nCOPY --from=payload bin/kubelet /k\n", { contexts });
  expect(layers).toEqual([["k 755 0:0"]]);
});

test("COPY tells what it leaves out", async () => {
  const { notes } = await runBuild("FROM scratch\nCOPY run /r\n", { context: CONTEXT });
  expect(notes).toEqual(['Left out "run/socket": it is a socket']);
});

test("COPY gives all files the time of the build", async () => {
  const { stage } = await runBuild("FROM scratch\nCOPY d /x\n", { context: CONTEXT, epoch: 1_700_000_000 });
  const times = stage.layers.flatMap((layer) =>
    layer.kind === "planned" ? layer.entries.map(({ entry }) => entry.mtime) : [],
  );
  expect(new Set(times)).toEqual(new Set([1_700_000_000]));
  expect(stage.history).toEqual([{ created: "2023-11-14T22:13:20Z", created_by: "COPY d /x" }]);
});

test.each([
  ["COPY missing /x", /Kubefile:2:6: error: "missing" is not in the build context \[SOURCE_NOT_FOUND\]/],
  ["COPY d/ff /x", /Did you mean d\/f\?/],
  ["COPY nothing* /x", /2:1: error: COPY has nothing to copy: no file matches \[SOURCE_NOT_FOUND\]/],
  ["COPY ../x /x", /2:6: error: It leads out of the build context \[UNSAFE_PATH\]/],
  ["COPY out /x", /error: The link "out" leads out of the build context, to "\/etc\/passwd" \[UNSAFE_PATH\]/],
  ["COPY registry /x", /error: The name "x\/\.wh\.x" has a meaning in layers/],
  [
    "COPY many/*.txt /g",
    /2:17: error: COPY of 2 files that match needs a folder, "\/g" would be a file \[DESTINATION\]/,
  ],
  ["COPY d/f /x\nCOPY d /x", /3:6: error: "\/x" is a file, not a folder \[DESTINATION\]/],
  ["COPY --chown=nobody d /x", /2:6: error: The image has no user "nobody" in \/etc\/passwd \[INVALID_ARGUMENT\]/],
  ["COPY --chown=1:2:3 d /x", /Expected USER, USER:GROUP, UID or UID:GID, found "1:2:3"/],
  ["COPY --chmod=u+z d /x", /2:6: error: Expected permission bits such as 0644 or u=rwX,go=rX, found "u\+z"/],
  ["COPY --link --chown=bin d /x", /2:13: error: --link does not look into the image for "bin": --chown needs numbers/],
  ["ADD --checksum=sha256:12 d/f /x", /2:5: error: Expected sha256:<64 hex digits> or the commit of a git repository/],
  [
    `ADD --checksum=sha256:${"0".repeat(64)} d /x`,
    /2:5: error: --checksum is for one file or one repository \[CHECKSUM\]/,
  ],
  ["ARG V=perhaps\nADD --unpack=$V d /x", /3:5: error: Expected true or false, found "perhaps"/],
  ["ADD https://example.com/x.tar /", /2:5: error: This build has no network to fetch from \[REMOTE_SOURCE\]/],
  ["ADD https://example.com/x.git#a:../b /", /2:5: error: The folder "\.\.\/b" leads out of the repository/],
  ["ADD https://example.com/x.git#-x /", /2:5: error: "-x" cannot be a branch, a tag or a commit/],
  ["ARG N\nCOPY d /${N:?needed}", /3:\d+: error: "N" must be set: needed \[INVALID_EXPANSION\]/],
])("COPY refuses %j with its place", async (lines, message) => {
  await expect(layersOf(lines)).rejects.toThrow(message);
});

test("COPY says that an ignore file hides its source", async () => {
  const context = withoutIgnored(CONTEXT, { rules: parseIgnoreRules("d"), name: ".containerignore" });
  await expect(runBuild("FROM scratch\nCOPY d /x\n", { context })).rejects.toThrow(
    /"d" cannot be copied: it is excluded by "\.containerignore" \[SOURCE_NOT_FOUND\]/,
  );
  expect((await runBuild("FROM scratch\nCOPY [a-d]* /x/\n", { context })).layers[0]).not.toContain("x/f 644 0:0");
});

test.each([
  ["FROM nowhere:1\n", 'Kubefile:1:6: Cannot find image "nowhere:1"'],
  ["FROM scratch\nCOPY --from=nowhere a b\n", 'Kubefile:2:1: Cannot find image "nowhere"'],
])("runStage() says where %j names an image that is nowhere", async (kubefile, message) => {
  await expect(runBuild(kubefile)).rejects.toThrow(message);
});
