import { expect, test } from "vitest";

import type { BuildPlan, PlanOptions } from "../../src/build/build-plan.ts";
import { planBuild } from "../../src/build/plan.ts";
import { parseKubefile } from "../../src/kubefile/parse.ts";
import { AMD64 } from "../support/run-build.ts";

const ARM64 = { os: "linux", architecture: "arm64", variant: "v8" } as const;

function plan(text: string, options: Partial<PlanOptions> = {}): BuildPlan {
  return planBuild(parseKubefile(text, "Kubefile"), { platform: AMD64, ...options });
}

function basesOf(text: string, options: Partial<PlanOptions> = {}): unknown[] {
  return plan(text, options).stages.map(({ base }) => base);
}

function originsOf({ stages }: BuildPlan): unknown[] {
  return stages.flatMap(({ steps }) => steps.flatMap((step) => (step.op === "add-layer" ? [step.from] : [])));
}

test.each([
  ["FROM scratch", [{ kind: "scratch" }]],
  ["FROM a:1", [{ kind: "image", name: "a:1" }]],
  ["ARG V=1\nARG I=a:$V\nFROM $I", [{ kind: "image", name: "a:1" }]],
  ["FROM a-$TARGETARCH", [{ kind: "image", name: "a-amd64" }]],
  ["FROM scratch AS Base\nFROM BASE", [{ kind: "scratch" }, { kind: "stage", index: 0 }]],
  ["FROM scratch\nFROM 0", [{ kind: "scratch" }, { kind: "stage", index: 0 }]],
  [
    "FROM a AS x\nFROM b AS x\nFROM x",
    [
      { kind: "image", name: "b" },
      { kind: "stage", index: 1 },
    ],
  ],
  [
    "FROM later\nFROM scratch AS later\nFROM 0",
    [
      { kind: "image", name: "later" },
      { kind: "stage", index: 0 },
    ],
  ],
])("planBuild() finds the bases of %j", (text, bases) => {
  expect(basesOf(text)).toEqual(bases);
});

test("planBuild() takes build arguments before defaults", () => {
  expect(basesOf("ARG V=1\nFROM a:$V", { buildArguments: { V: "2" } })).toEqual([{ kind: "image", name: "a:2" }]);
});

test("planBuild() plans only the stages that the target needs", () => {
  const text = `FROM scratch AS unused
RUN this is never looked at
FROM scratch AS files
FROM scratch AS target
COPY --from=files a b
FROM scratch AS later
`;
  const names = (target: string | undefined) => plan(text, { target }).stages.map(({ name }) => name);
  expect(names("target")).toEqual(["files", "target"]);
  expect(names("1")).toEqual(["files"]);
  expect(names(undefined)).toEqual(["later"]);
  expect(() => names("nothing")).toThrow('Cannot build target "nothing": the stages are unused, files, target, later');
});

test("planBuild() finds where COPY --from takes files", () => {
  const text = `FROM scratch AS one
FROM scratch AS payload
FROM scratch
ARG V=1
COPY a b
COPY --from=one a b
COPY --from=0 a b
COPY --from=payload a b
COPY --from=files a b
COPY --from=x/y:$V a b
`;
  expect(originsOf(plan(text, { buildContexts: ["payload", "files"] }))).toEqual([
    { kind: "context" },
    { kind: "stage", index: 0 },
    { kind: "stage", index: 0 },
    { kind: "build-context", name: "payload" },
    { kind: "build-context", name: "files" },
    { kind: "image", name: "x/y:1" },
  ]);
});

test("planBuild() gives a stage the platform of its FROM", () => {
  const text = "FROM --platform=$BUILDPLATFORM a AS b\nFROM c\nCOPY --from=b a b\n";
  const { stages } = plan(text, { platform: ARM64, buildPlatform: AMD64 });
  expect(stages.map(({ platform }) => platform)).toEqual([AMD64, ARM64]);
});

test("planBuild() notes build arguments that nothing declares", () => {
  const buildArguments = { A: "1", B: "2", HTTP_PROXY: "x" };
  expect(plan("FROM scratch\nARG A\n", { buildArguments }).notes).toEqual(['No ARG declares the build argument "B"']);
});

test("planBuild() refuses everything that it cannot do at once", () => {
  const text = `FROM scratch
RUN --mount=target=/a,from=7 make
COPY --from=3 a b
ONBUILD RUN x
ENV A=\${B:?needed}
`;
  expect(() => plan(text)).toThrow(
    /2:13: error: There is no stage "7"[^]*3:13: error: There is no stage "3"[^]*5:1: error: "B" must be set/,
  );
  expect(() => plan("ARG X\nFROM $X\n")).toThrow(/2:6: error: The base image "\$X" is empty/);
  expect(() => plan("FROM --platform=linux a\n")).toThrow(/1:17: error: Cannot parse platform "linux"/);
});
