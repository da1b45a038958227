import { expect, test } from "vitest";

import { bytesOf } from "../../src/base/bytes.ts";
import { runCommandLine } from "../../src/cli/run-command-line.ts";

async function run(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { folders: _, ...result } = await runKeepingCode(...argv);
  return result;
}

async function runKeepingCode(...argv: string[]) {
  const written = { stdout: "", stderr: "" };
  const folders: string[] = [];
  const code = await runCommandLine({
    argv,
    facts: { variables: { HOME: "/root" }, workingDirectory: "/", userId: 0, architecture: "x64" },
    version: "1.2.3",
    signal: new AbortController().signal,
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
    stdin: () => bytesOf(""),
    ask: undefined,
    keepCode: (folder) => void folders.push(folder),
    now: () => new Date(0),
    nowMs: () => 0,
  });
  return { code, ...written, folders };
}

test("runCommandLine() keeps the code of the command that it runs, and no other", async () => {
  expect((await runKeepingCode("version")).folders).toEqual(["/root/.cache/sealos/code"]);
  expect((await runKeepingCode("help", "version")).folders).toEqual([]);
  expect((await runKeepingCode("--help")).folders).toEqual([]);
});

test("runCommandLine() prints the help when there is no command, and where help is asked for", async () => {
  const help = await run();
  expect(help.code).toBe(0);
  expect(help.stdout).toMatch(/^Build, distribute and run Kubernetes clusters as OCI images\.\n\nUsage:\n/);
  expect(await run("--help")).toEqual(help);
  expect(await run("help")).toEqual(help);
  const version = await run("help", "version");
  expect(version.stdout).toContain("Usage:\n  sealos version [FLAGS]\n");
  expect(await run("version", "--help")).toEqual(version);
  expect(await run("version", "-h", "--short")).toEqual(version);
  expect(await run("--help", "version")).toEqual(version);
});

test("runCommandLine() writes the result to stdout", async () => {
  expect(await run("version", "--short")).toEqual({ code: 0, stdout: "1.2.3\n", stderr: "" });
  expect((await run("--version")).stdout).toMatch(/^sealos 1\.2\.3 \(/);
  expect(JSON.parse((await run("version", "-o", "json")).stdout)).toMatchObject({ version: "1.2.3" });
});

test("runCommandLine() takes common flags in front of the command too", async () => {
  expect(await run("--debug", "--progress", "none", "version", "--short")).toMatchObject({
    code: 0,
    stdout: "1.2.3\n",
  });
});

test("runCommandLine() ends with 2 and a suggestion when the command line is wrong", async () => {
  expect(await run("versoin")).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining("Unknown command"),
  });
  expect(await run("version", "--sort")).toEqual({
    code: 2,
    stdout: "",
    stderr: "Error: Unknown flag --sort\nHint: Did you mean --short?\n",
  });
  expect(await run("--what", "version")).toMatchObject({ code: 2, stderr: "Error: Unknown flag --what\n" });
});
