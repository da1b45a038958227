import { chmod, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { credentialsFromFiles } from "../../../src/registry/client/auth-file.ts";
import { askCredentialHelper } from "../../../src/registry/client/credential-helper.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";

const ctx = backgroundContext();
const at = useTemporaryFolder();

beforeEach(() => {
  vi.stubEnv("PATH", `${at()}:${process.env["PATH"]}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function helper(script: string): Promise<void> {
  await writeFile(at("docker-credential-test"), `#!/bin/sh\n${script}\n`);
  await chmod(at("docker-credential-test"), 0o755);
}

test("askCredentialHelper() reads a password for the registry that it names on the helper's input", async () => {
  await helper(`read -r server; printf '{"ServerURL":"%s","Username":"%s","Secret":"s3cret"}' "$server" "$server-$1"`);
  const found = await askCredentialHelper(ctx, "test", "quay.io");
  expect(found).toMatchObject({ kind: "password", username: "quay.io-get" });
  expect(found?.kind === "password" && found.password.reveal()).toBe("s3cret");
});

test("askCredentialHelper() reads an identity token", async () => {
  await helper(`printf '{"Username":"<token>","Secret":"refresh"}'`);
  const found = await askCredentialHelper(ctx, "test", "quay.io");
  expect(found?.kind === "identity-token" && found.token.reveal()).toBe("refresh");
});

test("askCredentialHelper() finds nothing when the helper does not have a login", async () => {
  await helper("echo 'credentials not found in native keychain'; exit 1");
  expect(await askCredentialHelper(ctx, "test", "quay.io")).toBeUndefined();
});

test.each([
  ["fails", "test", "echo s3cret; exit 3", "it exited with 3"],
  ["answers with something else", "test", "echo s3cret", "it answered without a login"],
  ["is not there", "missing", "", "spawn docker-credential-missing ENOENT"],
  ["is a path", "../evil", "", "its name is malformed"],
])("askCredentialHelper() throws and tells no output when the helper %s", async (_, name, script, reason) => {
  await helper(script);
  await expect(askCredentialHelper(ctx, name, "quay.io")).rejects.toThrow(
    `Cannot ask "docker-credential-${name}" for the login of "quay.io": ${reason}`,
  );
});

test("credentialsFromFiles() asks the helper that a file names when it has no login itself", async () => {
  await helper(`read -r server; printf '{"Username":"%s","Secret":"x"}' "$server"`);
  const login = { auth: Buffer.from("alice:pass").toString("base64") };
  await writeFile(at("config.json"), JSON.stringify({ auths: { "quay.io": login }, credsStore: "test" }));
  const find = credentialsFromFiles([at("config.json")]);
  expect(await find(ctx, { registry: "quay.io", repository: "" })).toMatchObject({ username: "alice" });
  expect(await find(ctx, { registry: "ghcr.io", repository: "" })).toMatchObject({ username: "ghcr.io" });
  expect(await find(ctx, { registry: "docker.io", repository: "" })).toMatchObject({
    username: "https://index.docker.io/v1/",
  });
});
