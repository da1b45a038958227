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

  const kept = await runProgram(["login", "--get-login", `${registry.name}/team`], { root });
  expect(kept).toEqual({ exitCode: 0, stdout: "ada\n", stderr: "" });
  expect((await runProgram(["logout", registry.name], { root })).stdout).toBe(
    `Removed the login for ${registry.name}\n`,
  );
  expect(JSON.parse(await readFile(join(root, "auth.json"), "utf8"))).toEqual({ auths: {} });
  const creds = ["push", "-q", "--creds", "ada:s3cret", "web", destination];
  expect(await runProgram(creds, { root })).toMatchObject({ exitCode: 0 });
}, 120_000);

test("sealos logout --all forgets every login that was kept", async () => {
  const auth = Buffer.from("ada:s3cret").toString("base64");
  const auths = { "quay.io/team": { auth }, "docker.io": { auth } };
  await writeFile(join(root, "auth.json"), JSON.stringify({ auths, credHelpers: { "gcr.io": "gcloud" } }));
  expect((await runProgram(["logout", "-a"], { root })).stdout).toBe("Removed the login for quay.io/team, docker.io\n");
  const left: unknown = JSON.parse(await readFile(join(root, "auth.json"), "utf8"));
  expect(left).toEqual({ auths: {}, credHelpers: { "gcr.io": "gcloud" } });
  const none = await runProgram(["login", "--get-login", "quay.io/team"], { root });
  expect(none).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("there is no login") });
  expect(await runProgram(["logout"], { root })).toMatchObject({ exitCode: 2 });
});

test("sealos login says what is missing", async () => {
  expect(await runProgram(["login", registry.name], { root })).toMatchObject({ exitCode: 2 });
  expect(await runProgram(["login", "-u", "ada", registry.name], { root })).toMatchObject({ exitCode: 2 });
});
