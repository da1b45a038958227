import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { htpasswdLine } from "../../../src/registry/htpasswd.ts";
import { startDockerRegistry, type DockerRegistry } from "../registry/docker-registry.ts";
import { runProgram } from "./program.ts";

let root: string;
let registry: DockerRegistry;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "cli-login-test-"));
  await writeFile(join(root, "htpasswd"), await htpasswdLine("ada", "s3cret"));
  registry = await startDockerRegistry({ htpasswd: join(root, "htpasswd") });
  await writeFile(join(root, "Kubefile"), "FROM scratch\nCOPY Kubefile /\n");
  await runProgram(["build", "-q", "-t", "web", "."], { root });
});

afterAll(async () => {
  await registry.close();
  await rm(root, { recursive: true, force: true });
});

test("sealos login keeps a login that the registry accepts; push uses it; logout forgets it", async () => {
  const destination = `${registry.name}/web:v1`;
  const refused = await runProgram(["push", "web", destination], { root });
  expect(refused).toMatchObject({ exitCode: 1, stdout: "" });

  const login = ["login", "-u", "ada", "--password-stdin", registry.name];
  const wrong = await runProgram(login, { root, input: "wrong\n" });
  expect(wrong).toMatchObject({ exitCode: 1, stdout: "" });
  expect(`${wrong.stderr}${refused.stderr}`).not.toContain("wrong\n");
  expect(await runProgram(login, { root, input: "s3cret\n" })).toEqual({
    exitCode: 0,
    stdout: `Logged in to ${registry.name}\n`,
    stderr: "",
  });
  expect((await stat(join(root, "auth.json"))).mode & 0o777).toBe(0o600);
  expect(await runProgram(["push", "-q", "web", destination], { root })).toMatchObject({ exitCode: 0, stderr: "" });

  expect((await runProgram(["logout", registry.name], { root })).stdout).toBe(
    `Removed the login for ${registry.name}\n`,
  );
  expect(JSON.parse(await readFile(join(root, "auth.json"), "utf8"))).toEqual({ auths: {} });
  const creds = ["push", "-q", "--creds", "ada:s3cret", "web", destination];
  expect(await runProgram(creds, { root })).toMatchObject({ exitCode: 0 });
}, 120_000);

test("sealos login says what is missing", async () => {
  expect(await runProgram(["login", registry.name], { root })).toMatchObject({ exitCode: 2 });
  expect(await runProgram(["login", "-u", "ada", registry.name], { root })).toMatchObject({ exitCode: 2 });
});
