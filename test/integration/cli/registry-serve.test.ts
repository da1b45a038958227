import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { htpasswdLine } from "../../../src/registry/htpasswd.ts";
import { runProgram, type ProgramRun } from "./program.ts";

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "cli-registry-serve-test-"));
  await writeFile(join(root, "Kubefile"), "FROM scratch\nCOPY Kubefile /\n");
  await runProgram(["build", "-q", "-t", "web", "."], { root });
});

afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

/** Serves while `use` runs. @returns how the server ended when it was interrupted. */
async function whileServing(flags: readonly string[], use: (address: string) => Promise<void>): Promise<ProgramRun> {
  let using: Promise<void> | undefined;
  let seen = "";
  const run = await runProgram(["registry", "serve", "filesystem", "content", "--progress", "plain", ...flags], {
    root,
    onProgress(stderr, kill) {
      seen += stderr;
      const address = /Serve content at http:\/\/(127\.0\.0\.1:\d+)/.exec(seen)?.[1];
      if (address !== undefined) using ??= use(address).finally(() => kill("SIGINT"));
    },
  });
  await using;
  return run;
}

test("sealos registry serve filesystem takes a push and gives it back until Ctrl-C", async () => {
  const served = await whileServing(["--pid-file", "pid"], async (address) => {
    expect(await readFile(join(root, "pid"), "utf8")).toMatch(/^\d+\n$/);
    expect(await runProgram(["push", "-q", "web", `${address}/team/web:v1`], { root })).toMatchObject({ exitCode: 0 });
    expect(await runProgram(["pull", "-q", `${address}/team/web:v1`], { root })).toMatchObject({ exitCode: 0 });
  });
  expect(served).toMatchObject({ exitCode: 0, stdout: "" });
  await expect(readFile(join(root, "pid"))).rejects.toThrow("ENOENT");
}, 60_000);

test("sealos registry serve filesystem refuses strangers, and all changes when it is read-only", async () => {
  await writeFile(join(root, "htpasswd"), await htpasswdLine("ada", "s3cret"));
  await whileServing(["--htpasswd", "htpasswd", "--read-only"], async (address) => {
    const push = ["push", "-q", "web", `${address}/team/other:v1`];
    expect((await runProgram(push, { root })).exitCode).toBe(1);
    const refused = await runProgram([...push, "--creds", "ada:s3cret"], { root });
    expect(refused).toMatchObject({ exitCode: 1 });
    expect(refused.stderr).toContain("read-only");
  });
}, 60_000);

test("sealos registry serve filesystem says what it cannot use", async () => {
  const serve = ["registry", "serve", "filesystem", "content"];
  expect(await runProgram([...serve, "-p", "70000"], { root })).toMatchObject({ exitCode: 2 });
  expect(await runProgram([...serve, "--tls-cert", "a.crt"], { root })).toMatchObject({ exitCode: 2 });
  const missing = await runProgram([...serve, "--htpasswd", "missing"], { root });
  expect(missing.stderr).toContain('Cannot read "missing"');
});
