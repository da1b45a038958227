import { readFile, stat, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { Secret } from "../../../src/base/secret.ts";
import { authFilePaths } from "../../../src/registry/client/auth-file-paths.ts";
import { credentialsFromFiles, removeCredentials, storeCredentials } from "../../../src/registry/client/auth-file.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";

const ctx = backgroundContext();
const at = useTemporaryFolder();

function auth(username: string): object {
  return { auth: Buffer.from(`${username}:pass:word`).toString("base64") };
}

async function find(auths: object, registry: string, repository = "project/web"): Promise<string | undefined> {
  await writeFile(at("auth.json"), JSON.stringify({ auths }));
  const found = await credentialsFromFiles([at("missing.json"), at("auth.json")])(ctx, { registry, repository });
  return found?.kind === "password" ? found.username : found?.token.reveal();
}

test.each([
  ["the registry's own login", { "quay.io": auth("alice") }, "quay.io", "alice"],
  ["the narrowest namespace", { "quay.io": auth("a"), "quay.io/project": auth("b") }, "quay.io", "b"],
  ["the repository itself", { "quay.io/project": auth("b"), "quay.io/project/web": auth("c") }, "quay.io", "c"],
  ["no login of another namespace", { "quay.io/other": auth("b") }, "ghcr.io", undefined],
  ["docker's old key", { "https://index.docker.io/v1/": auth("hub") }, "docker.io", "hub"],
  ["a key with a scheme", { "https://quay.io": auth("url") }, "quay.io", "url"],
  ["an identity token", { "quay.io": { auth: "", identitytoken: "refresh" } }, "quay.io", "refresh"],
  ["nothing in an empty entry", { "quay.io": {} }, "quay.io", undefined],
  ["nothing in a broken entry", { "quay.io": { auth: "!!!" } }, "quay.io", undefined],
  ["no login of another registry", { "quay.io": auth("alice") }, "quay.io.example.com", undefined],
])("credentialsFromFiles() finds %s", async (_, auths, registry, expected) => {
  expect(await find(auths, registry)).toBe(expected);
});

test("credentialsFromFiles() does not give a registry the login of one of its namespaces", async () => {
  expect(await find({ "quay.io/other": auth("b") }, "quay.io")).toBeUndefined();
});

test("credentialsFromFiles() keeps colons of the password", async () => {
  await writeFile(at("auth.json"), JSON.stringify({ auths: { "quay.io": auth("alice") } }));
  const found = await credentialsFromFiles([at("auth.json")])(ctx, { registry: "quay.io", repository: "" });
  expect(found?.kind === "password" && found.password.reveal()).toBe("pass:word");
});

test("credentialsFromFiles() names the file and nothing of it when it is not JSON", async () => {
  await writeFile(at("auth.json"), '{"auths": {"quay.io": hunter2}}');
  const find = credentialsFromFiles([at("auth.json")])(ctx, { registry: "quay.io", repository: "" });
  await expect(find).rejects.toThrow(`Cannot read logins from "${at("auth.json")}": it is not JSON`);
});

test("storeCredentials() keeps the rest of the file, which only its owner may read", async () => {
  const path = at("config.json");
  await writeFile(path, JSON.stringify({ auths: { "ghcr.io": auth("bob") }, credsStore: "pass", psFormat: "x" }));
  const credentials = { kind: "password", username: "alice", password: new Secret("s3cret") } as const;
  await storeCredentials(ctx, path, { key: "quay.io", credentials });
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual({
    auths: { "ghcr.io": auth("bob"), "quay.io": { auth: "YWxpY2U6czNjcmV0" } },
    credsStore: "pass",
    psFormat: "x",
  });
  expect(((await stat(path)).mode & 0o777).toString(8)).toBe("600");
});

test("storeCredentials() loses nothing when several are stored at once", async () => {
  const path = at("auth.json");
  const token = new Secret("refresh");
  const keys = ["a.example", "b.example", "c.example"];
  await Promise.all(
    keys.map((key) => storeCredentials(ctx, path, { key, credentials: { kind: "identity-token", token } })),
  );
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual({
    auths: Object.fromEntries(keys.map((key) => [key, { identitytoken: "refresh" }])),
  });
});

test("removeCredentials() forgets one login and says whether there was one", async () => {
  const path = at("auth.json");
  await writeFile(path, JSON.stringify({ auths: { "quay.io": auth("a"), "ghcr.io": auth("b") } }));
  expect(await removeCredentials(ctx, path, "quay.io")).toBe(true);
  expect(await removeCredentials(ctx, path, "quay.io")).toBe(false);
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ auths: { "ghcr.io": auth("b") } });
});

test("authFilePaths() looks where other tools look", () => {
  const environment = { variables: { XDG_RUNTIME_DIR: "" }, home: "/home/alice", userId: 1000 };
  expect(authFilePaths(environment)).toEqual([
    "/run/containers/1000/auth.json",
    "/home/alice/.config/containers/auth.json",
    "/home/alice/.docker/config.json",
  ]);
});

test("authFilePaths() follows the variables of the environment", () => {
  const variables = { XDG_RUNTIME_DIR: "/run/user/7", XDG_CONFIG_HOME: "/config", DOCKER_CONFIG: "/docker" };
  expect(authFilePaths({ variables, home: "/root", userId: 0 })).toEqual([
    "/run/user/7/containers/auth.json",
    "/config/containers/auth.json",
    "/docker/config.json",
  ]);
  expect(
    authFilePaths({ variables: { ...variables, REGISTRY_AUTH_FILE: "/only.json" }, home: "/root", userId: 0 }),
  ).toEqual(["/only.json"]);
});
