import { compare } from "bcryptjs";
import { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

import { Secret } from "../../src/base/secret.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { changeRegistryLogin, openRegistryAccess } from "../../src/cluster/registry-access.ts";

const directory = mkdtempSync(join(tmpdir(), "registry-access-"));
afterAll(() => rmSync(directory, { recursive: true }));
const ctx = backgroundContext();
const now = new Date("2026-11-25T00:00:00Z");

test("openRegistryAccess() makes credentials once and keeps them in a file only the owner reads", async () => {
  const file = join(directory, "registry.json");
  const first = await openRegistryAccess(ctx, file, { names: ["sealos.hub", "10.0.0.1"], now });
  const second = await openRegistryAccess(ctx, file, { names: ["sealos.hub", "10.0.0.1"], now });
  expect(first.password.reveal()).toMatch(/^[\w-]{32}$/);
  expect(second.password.reveal()).toBe(first.password.reveal());
  expect(second.server.certificate).toBe(first.server.certificate);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("openRegistryAccess() issues a certificate again under the same authority when a name is new", async () => {
  const file = join(directory, "names.json");
  const first = await openRegistryAccess(ctx, file, { names: ["sealos.hub", "10.0.0.1"], now });
  const second = await openRegistryAccess(ctx, file, { names: ["sealos.hub", "10.0.0.9"], now });
  expect(second.authority).toBe(first.authority);
  expect(second.password.reveal()).toBe(first.password.reveal());
  expect(new X509Certificate(second.server.certificate).checkIP("10.0.0.9")).toBe("10.0.0.9");
});

test("openRegistryAccess() leaves nothing behind when it is only for a plan", async () => {
  const file = join(directory, "trial.json");
  await openRegistryAccess(ctx, file, { names: ["sealos.hub"], now, isTrial: true });
  expect(existsSync(file)).toBe(false);
});

test("openRegistryAccess() does not overwrite a file it cannot read", async () => {
  const file = join(directory, "damaged.json");
  writeFileSync(file, "{");
  await expect(openRegistryAccess(ctx, file, { names: ["sealos.hub"], now })).rejects.toThrow(
    `Cannot read the registry credentials in "${file}"`,
  );
});

test("changeRegistryLogin() changes name and password, and nothing else", async () => {
  const file = join(directory, "changed.json");
  const names = ["sealos.hub"];
  const before = await openRegistryAccess(ctx, file, { names, now });
  await changeRegistryLogin(ctx, file, { username: "ada", password: new Secret("s3cret") });
  const after = await openRegistryAccess(ctx, file, { names, now });
  expect([after.username, after.password.reveal()]).toEqual(["ada", "s3cret"]);
  expect(await compare("s3cret", after.htpasswd.reveal().replace("ada:", "").trim())).toBe(true);
  expect([after.authority, after.server.certificate]).toEqual([before.authority, before.server.certificate]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("changeRegistryLogin() makes a random password and keeps the name when it is given neither", async () => {
  const file = join(directory, "random.json");
  const before = await openRegistryAccess(ctx, file, { names: ["sealos.hub"], now });
  const { username, password } = await changeRegistryLogin(ctx, file, { username: undefined, password: undefined });
  expect(username).toBe("admin");
  expect(password.reveal()).toMatch(/^[\w-]{32}$/);
  expect(password.reveal()).not.toBe(before.password.reveal());
});

test("changeRegistryLogin() fails when the cluster has no registry yet", async () => {
  const change = changeRegistryLogin(ctx, join(directory, "none.json"), { username: undefined, password: undefined });
  await expect(change).rejects.toMatchObject({ code: "INVALID_INPUT", hint: expect.stringContaining("sealos run") });
});
