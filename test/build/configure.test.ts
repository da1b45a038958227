import { expect, test } from "vitest";

import type { PlanOptions } from "../../src/build/build-plan.ts";
import type { ExecutionConfig } from "../../src/oci/image-config.ts";
import { runBuild } from "../support/run-build.ts";

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

async function configOf(lines: string, options: Partial<PlanOptions> = {}): Promise<ExecutionConfig> {
  return (await runBuild(`FROM scratch\n${lines}\n`, options)).config;
}

test.each<readonly [lines: string, expected: ExecutionConfig]>([
  ["", { Env: [PATH] }],
  ["ENV A=1\nENV A=2 B=$A C=${A}x", { Env: [PATH, "A=2", "B=1", "C=1x"] }],
  ['ENV a 1 "b"  3', { Env: [PATH, "a=1 b  3"] }],
  ["ENV PATH=/x:$PATH", { Env: ["PATH=/x:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"] }],
  ['ENV NAME=${NAME:-"flannel"}', { Env: [PATH, "NAME=flannel"] }],
  ["ARG A=1\nENV B=$A", { Env: [PATH, "B=1"] }],
  ["ENV A=env\nARG A=arg\nENV B=$A", { Env: [PATH, "A=env", "B=env"] }],
  ["ENV B=$A\nARG A=1", { Env: [PATH, "B="] }],
  ["ARG A=1 B=${A}2\nENV C=$B", { Env: [PATH, "C=12"] }],
  ["ARG TARGETARCH\nENV C=$TARGETARCH-$TARGETOS", { Env: [PATH, "C=amd64-"] }],
  [
    'LABEL a=b "c d"="e $PATH" f=\\$name\nLABEL a=2',
    { Env: [PATH], Labels: { a: "2", "c d": `e ${PATH.slice(5)}`, f: "$name" } },
  ],
  [
    'LABEL init="a.sh \\$registryDomain && bash b.sh"',
    { Env: [PATH], Labels: { init: "a.sh $registryDomain && bash b.sh" } },
  ],
  ["LABEL k v w", { Env: [PATH], Labels: { k: "v w" } }],
  ["USER 1:2\nSTOPSIGNAL SIGINT", { Env: [PATH], User: "1:2", StopSignal: "SIGINT" }],
  ["WORKDIR a\nWORKDIR ../b/./c", { Env: [PATH], WorkingDir: "/b/c" }],
  [
    "EXPOSE 80 080/UDP 8000-8002/sctp",
    { Env: [PATH], ExposedPorts: { "80/tcp": {}, "80/udp": {}, "8000-8002/sctp": {} } },
  ],
  ['ENV P="1 2"\nEXPOSE $P', { Env: [PATH, "P=1 2"], ExposedPorts: { "1/tcp": {}, "2/tcp": {} } }],
  ['VOLUME /a /b\nVOLUME ["/c d"]', { Env: [PATH], Volumes: { "/a": {}, "/b": {}, "/c d": {} } }],
  ['CMD ["a $(X)", "b $A"]', { Env: [PATH], Cmd: ["a $(X)", "b $A"] }],
  ["CMD a $A && b", { Env: [PATH], Cmd: ["/bin/sh", "-c", "a $A && b"] }],
  ['CMD ["a"]\nCMD []', { Env: [PATH], Cmd: [] }],
  ['CMD ["a"]\nENTRYPOINT ["b"]', { Env: [PATH], Cmd: ["a"], Entrypoint: ["b"] }],
  [
    'SHELL ["/bin/bash", "-ec"]\nENTRYPOINT x',
    { Env: [PATH], Shell: ["/bin/bash", "-ec"], Entrypoint: ["/bin/bash", "-ec", "x"] },
  ],
  ["HEALTHCHECK NONE", { Env: [PATH], Healthcheck: { Test: ["NONE"] } }],
  [
    "HEALTHCHECK --interval=1m30s --timeout=1.5s --retries=3 CMD curl x",
    { Env: [PATH], Healthcheck: { Test: ["CMD-SHELL", "curl x"], Interval: 90e9, Timeout: 1.5e9, Retries: 3 } },
  ],
  ["ONBUILD copy  a b\nONBUILD LABEL x=$y", { Env: [PATH], OnBuild: ["copy  a b", "LABEL x=$y"] }],
])("configure() makes the configuration of %j", async (lines, expected) => {
  expect(await configOf(lines)).toEqual(expected);
});

test("configure() sets the author and one line of history for each instruction", async () => {
  const { stage } = await runBuild("FROM scratch\nMAINTAINER me $A\nENV A=1 \\\n  B=2\n");
  expect(stage.state.author).toBe("me $A");
  expect(stage.history).toEqual([
    { created: "1970-01-01T00:00:00Z", created_by: "MAINTAINER me $A", empty_layer: true },
    { created: "1970-01-01T00:00:00Z", created_by: "ENV A=1   B=2", empty_layer: true },
  ]);
});

test("configure() gives ARG the value from the command line, else its default, else that before FROM", async () => {
  const text =
    "ARG A=global\nARG B=global\nARG C=global\nFROM scratch\nARG A\nARG B=own\nARG C=own\nENV R=$A,$B,$C,$D\n";
  const { config } = await runBuild(text, { buildArguments: { C: "given", D: "given" } });
  expect(config.Env).toEqual([PATH, "R=global,own,given,"]);
});

test("configure() hands arguments and the configuration on to stages that are based on the stage", async () => {
  const text = 'FROM scratch AS a\nARG X=1\nENV Y=2\nCMD ["c"]\nFROM a\nENV Z=$X$Y\nENTRYPOINT ["e"]\n';
  const { config } = await runBuild(text);
  expect(config).toEqual({ Env: [PATH, "Y=2", "Z=12"], Entrypoint: ["e"] });
});

test("runStage() runs the triggers of its base once", async () => {
  const text = "FROM scratch AS a\nONBUILD ARG N=1\nONBUILD ENV X=$N\nFROM a AS b\nFROM b\nENV Y=$X\n";
  const { config } = await runBuild(text);
  expect(config).toEqual({ Env: [PATH, "X=1", "Y=1"] });
});

test.each([
  ["EXPOSE http", /2:1: error: Expected PORT, PORT\/udp or FIRST-LAST, found "http"/],
  ["EXPOSE 70000", /found "70000"/],
  ["EXPOSE 9-8", /found "9-8"/],
  ["USER $X", /USER "\$X" is empty after its variables are replaced/],
  ["HEALTHCHECK --timeout=5 CMD x", /Expected a duration such as 30s or 1m30s, found "5"/],
  ["HEALTHCHECK --retries=0 CMD x", /Expected a number of retries from 1, found "0"/],
])("configure() refuses %s", async (lines, message) => {
  await expect(configOf(lines)).rejects.toThrow(message);
});
