import { expect, test } from "vitest";

import { parseIgnoreRules } from "../../src/build/context/ignore-rules.ts";
import { withoutIgnored } from "../../src/build/context/ignored-tree.ts";
import { checkCommands } from "../../src/build/lint/command-rules.ts";
import { checkContext } from "../../src/build/lint/context-rules.ts";
import { checkImages } from "../../src/build/lint/image-rules.ts";
import { readKubefile } from "../../src/kubefile/parse.ts";
import { treeOf } from "../support/memory-tree.ts";

const CACHED = new Set(["docker.io/library/nginx:1.29"]);
const CONTEXT = withoutIgnored(
  treeOf({
    "run.sh": "#!/bin/sh\n",
    "bin/go.sh": { ...fileOf("#!/bin/sh\n"), mode: 0o755 },
    "a.key": "k",
    data: "text",
  }),
  { rules: parseIgnoreRules("*.key"), name: ".dockerignore" },
);

function fileOf(text: string) {
  return { size: text.length, content: Buffer.from(text) };
}

test.each([
  ["FROM alpine\n", ["UnpinnedImage"]],
  ["FROM alpine:latest\n", ["UnpinnedImage"]],
  ["FROM localhost:5000/alpine\n", ["UnpinnedImage"]],
  [`FROM alpine@sha256:${"0".repeat(64)}\n`, []],
  ["FROM scratch AS a\nFROM a\nCOPY --from=a x y\nCOPY --from=payload x y\nCOPY --from=b/c x y\n", ["UnpinnedImage"]],
  ["ARG V\nFROM alpine:$V\n", []],
  ['FROM scratch\nCMD ["x --image=nginx:1.29", "y --image nginx:1.28"]\n', ["CmdImageNotCached"]],
  [
    'FROM scratch\nCMD ["x registry.k8s.io/pause:3.10 https://example.com/x:1 ghcr.io/$x:1 /a.b/c"]\n',
    ["CmdImageNotCached"],
  ],
])("checkImages() finds in %j unpinned and missing images", (text, rules) => {
  expect(checkImages(readKubefile(text, "Kubefile"), CACHED).map(({ rule }) => rule)).toEqual(rules);
});

test.each([
  ['FROM scratch\nENV A=1\nCMD ["x $A $(B) ${C} $$D $HOME"]\n', ["B", "C"]],
  ['FROM scratch\nCMD ["for i in 1 2; do echo $i; done; X=1; echo $X $SEALOS_SYS_RUN_MODE"]\n', []],
  ['FROM scratch AS a\nENV A=1\nFROM a\nENTRYPOINT ["$A $B"]\nCMD ["$C"]\nCMD ["$A"]\n', ["B"]],
  ['FROM other:1\nCMD ["$X"]\n', []],
])("checkCommands() finds in %j variables that nothing sets", (text, names) => {
  const found = checkCommands(readKubefile(text, "Kubefile")).map(({ message }) => message);
  expect(found).toEqual(names.map((name) => `Nothing sets "${name}"`));
});

test.each([
  ["COPY manifests /opt/yaml\n", ["ScannedFolderRenamed"]],
  ["COPY ./manifests/ ./manifests\nCOPY images/ /images/\nCOPY . .\nCOPY --from=0 charts /x\n", []],
  ["COPY a.key /x\n", ["CopyIgnoredFile"]],
  ['CMD ["./run.sh x && bin/go.sh", "bash run.sh", "./data", "./$x/run.sh"]\n', ["ScriptNotExecutable"]],
  ['COPY --chmod=0755 run.sh run.sh\nCMD ["./run.sh"]\n', []],
])("checkContext() finds in %j what the context has otherwise", (text, rules) => {
  const found = checkContext(readKubefile(`FROM scratch\n${text}`, "Kubefile"), CONTEXT);
  expect(found.map(({ rule }) => rule)).toEqual(rules);
});
