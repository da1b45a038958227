import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";

import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { runProgram } from "./program.ts";

const folder = useTemporaryFolder();

beforeEach(() => {
  mkdirSync(join(folder(), "web/images/shim"), { recursive: true });
  writeFileSync(join(folder(), "web/images/shim/list"), "nginx:1.29\n");
  writeFileSync(
    join(folder(), "web/Kubefile"),
    'FROM scratch\nCOPPY a b\nCMD ["run --image=nginx:1.29 --image=nginx:1.28"]\n',
  );
  writeFileSync(join(folder(), "good"), "# check=skip=JSONArgsRecommended\nFROM scratch\nCMD x\n");
});

async function lint(...argv: readonly string[]) {
  return runProgram(["lint", ...argv], { root: folder() });
}

test("sealos lint shows errors and warnings at their places and ends with 1", async () => {
  const { exitCode, stdout, stderr } = await lint("web");
  expect(exitCode).toBe(1);
  expect(stderr).toBe("");
  expect(stdout).toContain('Kubefile:2:1: error: "COPPY" is not an instruction [UNKNOWN_INSTRUCTION]');
  expect(stdout).toContain('names "nginx:1.28": the cluster\'s registry will not have it [CmdImageNotCached]');
  expect(stdout).toMatch(/\n1 error, 1 warning\n$/);
});

test("sealos lint prints nothing about a good file; --strict makes warnings errors", async () => {
  expect(await lint("good")).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  writeFileSync(join(folder(), "good"), "FROM scratch\nCMD x\n");
  expect(await lint("good")).toMatchObject({ exitCode: 0 });
  expect(await lint("--strict", "good")).toMatchObject({ exitCode: 1 });
});

test("sealos lint --format sarif writes a log as SARIF 2.1.0 has it, json the diagnostics", async () => {
  const log: unknown = JSON.parse((await lint("--format", "sarif", "web")).stdout);
  const region = { startLine: 2, startColumn: 1, charLength: 5 };
  expect(log).toMatchObject({
    version: "2.1.0",
    $schema: expect.stringContaining("sarif-2.1.0"),
    runs: [
      {
        tool: { driver: { name: "sealos lint", rules: [{ id: "CmdImageNotCached" }, { id: "UNKNOWN_INSTRUCTION" }] } },
        results: [
          {
            ruleId: "UNKNOWN_INSTRUCTION",
            ruleIndex: 1,
            level: "error",
            message: { text: expect.stringContaining("Did you mean COPY?") },
            locations: [{ physicalLocation: { artifactLocation: { uri: "Kubefile" }, region } }],
          },
          { ruleId: "CmdImageNotCached", ruleIndex: 0, level: "warning" },
        ],
      },
    ],
  });
  expect(JSON.parse((await lint("--format", "json", "web")).stdout)).toMatchObject({ errors: 1, warnings: 1 });
});

test("sealos build --check finds the same and builds nothing", async () => {
  const checked = await runProgram(["build", "--check", "-t", "web:1", "web"], { root: folder() });
  expect(checked).toMatchObject({ exitCode: 1, stderr: "" });
  expect(checked.stdout).toContain("[UNKNOWN_INSTRUCTION]");
  expect((await runProgram(["images", "-q"], { root: folder() })).stdout).toBe("");
});
