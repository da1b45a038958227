import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { Secret } from "../../../src/base/secret.ts";
import { issueAuthority, issueServerCertificate } from "../../../src/pki/certificate.ts";
import type { Certificates } from "../../../src/registry/client/http.ts";
import { RemoteRegistry, type RemoteRegistryOptions } from "../../../src/registry/client/remote-registry.ts";
import { RemoteRepository } from "../../../src/registry/client/remote-repository.ts";
import { htpasswdLine } from "../../../src/registry/htpasswd.ts";
import { parseHtpasswd, requireLogin } from "../../../src/registry/server/login.ts";
import { blob, pushBlob } from "../../support/test-image.ts";
import { startDockerRegistry } from "./docker-registry.ts";
import { startOurRegistry } from "./our-registry.ts";

const ctx = backgroundContext();
const piece = blob("behind a door");
const dates = { notBefore: new Date(Date.now() - 3_600_000), validDays: 2 };
const authority = issueAuthority({ commonName: "test-ca", ...dates });
const names = { commonName: "127.0.0.1", subjectAlternativeNames: ["127.0.0.1", "registry.example"], ...dates };
const server = issueServerCertificate(names, { ...authority, commonName: "test-ca" });

let folder = "";
let htpasswd = "";
const open: { close(): void | Promise<void> }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "registry-access-test-"));
  htpasswd = await htpasswdLine("alice", "hunter2");
  await writeFile(join(folder, "htpasswd"), htpasswd);
  await writeFile(join(folder, "certificate.pem"), server.certificate);
  await writeFile(join(folder, "key.pem"), server.privateKey);
});
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close();
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function running<T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const started = await starting;
  open.push(started);
  return started;
}

async function push(name: string, options: RemoteRegistryOptions): Promise<boolean> {
  const registry = new RemoteRegistry(name, { retry: { attempts: 1, firstDelayMs: 1 }, ...options });
  open.push(registry);
  const repository = new RemoteRepository(registry, "library/web");
  await pushBlob(ctx, repository, piece);
  return repository.has(ctx, piece.descriptor);
}

function loginAs(username: string, password: string): RemoteRegistryOptions {
  const credentials = { kind: "password", username, password: new Secret(password) } as const;
  return { findCredentials: () => Promise.resolve(credentials) };
}

const registries: readonly (readonly [string, () => Promise<{ name: string; close(): Promise<void> }>])[] = [
  ["docker-registry", () => startDockerRegistry({ htpasswd: join(folder, "htpasswd") })],
  [
    "our registry",
    () => startOurRegistry({ wrap: (handler) => requireLogin(handler, async () => parseHtpasswd(htpasswd)) }),
  ],
];

test.each(registries)("RemoteRepository logs in to %s with a password from htpasswdLine()", async (_, start) => {
  const { name } = await running(start());
  expect(await push(name, loginAs("alice", "hunter2"))).toBe(true);
});

test.each(registries)("RemoteRepository is refused by %s when the password is wrong or missing", async (_, start) => {
  const { name } = await running(start());
  for (const options of [loginAs("alice", "wrong"), loginAs("mallory", "hunter2"), {}]) {
    await expect(push(name, options)).rejects.toMatchObject({ code: "REGISTRY_UNAUTHORIZED" });
  }
});

test.each(registries)("checkLogin() tells a good login from a bad one on %s", async (_, start) => {
  const { name } = await running(start());
  const good = new RemoteRegistry(name, loginAs("alice", "hunter2"));
  const bad = new RemoteRegistry(name, loginAs("alice", "hunter3"));
  open.push(good, bad);
  await expect(good.checkLogin(ctx)).resolves.toBeUndefined();
  await expect(bad.checkLogin(ctx)).rejects.toMatchObject({ code: "REGISTRY_UNAUTHORIZED" });
});

const secured: readonly (readonly [string, () => Promise<{ name: string; close(): Promise<void> }>])[] = [
  [
    "docker-registry",
    () =>
      startDockerRegistry({
        tls: { certificate: join(folder, "certificate.pem"), privateKey: join(folder, "key.pem") },
      }),
  ],
  [
    "our registry",
    () => startOurRegistry({ tls: { certificate: server.certificate, privateKey: new Secret(server.privateKey) } }),
  ],
];

async function findCertificates(): Promise<Certificates> {
  return { authorities: [authority.certificate], identities: [] };
}

test.each(secured)("RemoteRepository trusts %s when it is given the authority", async (_, start) => {
  const { name } = await running(start());
  expect(await push(name, { findCertificates })).toBe(true);
});

test.each(secured)("RemoteRepository does not trust %s when it does not know the authority", async (_, start) => {
  const { name } = await running(start());
  await expect(push(name, {})).rejects.toMatchObject({
    code: "REGISTRY_UNREACHABLE",
    hint: `Put the authority that signed its certificate into certs.d/${name}/ca.crt, or name its folder with --cert-dir`,
  });
});

test.each(secured)("RemoteRepository accepts any certificate of %s when it is told not to verify", async (_, start) => {
  const { name } = await running(start());
  expect(await push(name, { verifyTls: false })).toBe(true);
});

test("RemoteRepository sends nothing without TLS to a registry that is not on this machine by its name", async () => {
  const { name, log } = await running(startOurRegistry());
  const mapped = `[::ffff:7f00:1]:${name.split(":")[1]}`;
  await expect(push(mapped, loginAs("alice", "hunter2"))).rejects.toMatchObject({
    code: "REGISTRY_UNREACHABLE",
    message: expect.stringContaining("it does not speak TLS"),
    hint: expect.stringContaining("--tls-verify=false"),
  });
  // What the registry took for garbage is the beginning of TLS.
  expect(log).toEqual(["- - 400"]);
});

test("RemoteRepository reaches a registry through the proxy of the environment", async () => {
  const tls = { certificate: server.certificate, privateKey: new Secret(server.privateKey) };
  const { name, log } = await running(startOurRegistry({ tls }));
  const proxy = await running(startProxy(Number(name.split(":")[1])));
  const proxyEnvironment = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
  expect(await push("registry.example", { findCertificates, proxyEnvironment })).toBe(true);
  expect(new Set(proxy.log)).toEqual(new Set(["registry.example:443"]));
  expect(log.length).toBeGreaterThan(0);
});

test("RemoteRepository does not ask the proxy for a registry on this machine", async () => {
  const { name } = await running(startOurRegistry());
  const proxy = await running(startProxy(1));
  const url = `http://127.0.0.1:${proxy.port}`;
  expect(await push(name, { proxyEnvironment: { HTTP_PROXY: url, https_proxy: url, NO_PROXY: "example" } })).toBe(true);
  expect(proxy.log).toEqual([]);
});

/** A proxy that connects everything to one port of this machine. */
async function startProxy(port: number): Promise<{ port: number; log: string[]; close(): Promise<void> }> {
  const log: string[] = [];
  const sockets = new Set<Duplex>();
  const proxy = createServer().on("connect", (request: IncomingMessage, socket: Duplex) => {
    log.push(request.url ?? "");
    const target = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      socket.pipe(target).pipe(socket);
    });
    for (const end of [socket, target]) sockets.add(end.on("error", () => undefined));
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = proxy.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    log,
    async close() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, "close");
    },
  };
}
