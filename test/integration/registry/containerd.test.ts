import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import type { Descriptor } from "../../../src/oci/descriptor.ts";
import { RemoteRegistry } from "../../../src/registry/client/remote-registry.ts";
import { RemoteRepository } from "../../../src/registry/client/remote-repository.ts";
import { htpasswdLine } from "../../../src/registry/htpasswd.ts";
import { createMirror } from "../../../src/registry/mirror/mirror.ts";
import { remoteUpstream } from "../../../src/registry/mirror/upstream.ts";
import { serveRegistry } from "../../../src/registry/server/node-adapter.ts";
import { parseHtpasswd, requireLogin } from "../../../src/registry/server/login.ts";
import { MemoryRegistry } from "../../../src/registry/storage/memory.ts";
import { CONTAINERD, CTR, goProgram } from "../../support/go-program.ts";
import { pushBlob, pushImage, testImage, testIndex, type TestImage } from "../../support/test-image.ts";
import { startOurRegistry, type OurRegistry } from "./our-registry.ts";

const run = promisify(execFile);
const ctx = backgroundContext();
let folder = "";
let program = "";
let daemon: ChildProcess | undefined;
const open: { close(): void | Promise<void> }[] = [];

beforeAll(async () => {
  const containerd = await goProgram(CONTAINERD);
  program = await goProgram(CTR);
  folder = await mkdtemp(join(tmpdir(), "containerd-test-"));
  const config = [
    "version = 3",
    `root = "${folder}/root"`,
    `state = "${folder}/state"`,
    `disabled_plugins = ["io.containerd.internal.v1.opt"]`,
    `[grpc]\naddress = "${folder}/grpc"`,
    `[ttrpc]\naddress = "${folder}/ttrpc"`,
  ];
  await writeFile(join(folder, "config.toml"), config.join("\n"));
  daemon = spawn(containerd, ["--config", join(folder, "config.toml")], { stdio: ["ignore", "ignore", "pipe"] });
  for await (const line of daemon.stderr ?? []) if (String(line).includes("successfully booted")) break;
}, 600_000);
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close();
});
afterAll(async () => {
  if (daemon && daemon.exitCode === null) {
    const ended = once(daemon, "exit");
    daemon.kill("SIGKILL");
    await ended;
  }
  await rm(folder, { recursive: true, force: true });
});

async function ctr(...words: readonly string[]): Promise<string> {
  return (await run(program, ["--address", join(folder, "grpc"), ...words])).stdout;
}

/** What containerd reads as `certs.d`: the images of a registry come from another host. */
async function hostsOf(registry: string, lines: readonly string[]): Promise<string> {
  const hosts = await mkdtemp(join(folder, "certs.d-"));
  await mkdir(join(hosts, registry));
  await writeFile(join(hosts, registry, "hosts.toml"), lines.join("\n"));
  return hosts;
}

interface Filled {
  readonly server: OurRegistry;
  readonly registry: RemoteRegistry;
  readonly images: readonly TestImage[];
  readonly index: Descriptor;
}

/** A registry with an index that containerd has nothing of yet. */
async function startFilled(note: string): Promise<Filled> {
  const server = await startOurRegistry();
  open.push(server);
  const registry = new RemoteRegistry(server.name);
  open.push(registry);
  const repository = new RemoteRepository(registry, "library/web");
  const images = [testImage(`amd64 ${note}`, `shared ${note}`), testImage(`arm64 ${note}`, `shared ${note}`)];
  for (const image of images) await pushImage(ctx, repository, image);
  const index = testIndex(...images.map(({ manifest }) => manifest));
  await pushBlob(ctx, repository, index);
  await repository.tag(ctx, index.descriptor, "v1");
  return { server, registry, images, index: index.descriptor };
}

test("containerd pulls an index through hosts.toml and pushes it on", async () => {
  const { server, registry, images, index } = await startFilled("hosts");
  const hosts = await hostsOf("docker.io", [`server = "https://docker.io"`, `[host."http://${server.name}"]`]);
  const name = "docker.io/library/web:v1";
  await ctr("content", "fetch", "--all-platforms", "--hosts-dir", hosts, name);
  expect(await ctr("images", "ls", "name==" + name)).toContain(index.digest);
  expect(server.log.filter((line) => line.includes("/manifests/"))).toContain("HEAD /v2/library/web/manifests/v1 200");

  await ctr("images", "push", "--plain-http", `${server.name}/copies/web:v2`, name);
  const copied = new RemoteRepository(registry, "copies/web");
  expect((await copied.resolve(ctx, "v2")).digest).toBe(index.digest);
  for (const { blobs } of images)
    for (const { descriptor } of blobs) expect(await copied.has(ctx, descriptor)).toBe(true);
});

test("containerd pulls from a mirror that its namespace tells which registry is meant", async () => {
  const { server: origin, registry } = await startFilled("mirror");
  const mirror = createMirror(ctx, {
    storage: new MemoryRegistry({ limitBytes: 1_000_000 }),
    registries: [{ upstream: remoteUpstream(registry), namespace: "registry.example" }],
    tagTtlMs: 0,
    nowMs: () => 0,
    warn: () => undefined,
  });
  const server = await serveRegistry(ctx, mirror, { host: "127.0.0.1", port: 0 });
  open.push(server);
  const hosts = await hostsOf("registry.example", [`[host."http://127.0.0.1:${server.port}"]`]);
  await ctr("content", "fetch", "--all-platforms", "--hosts-dir", hosts, "registry.example/library/web:v1");
  expect(origin.log.filter((line) => line.startsWith("GET /v2/library/web/blobs/"))).toHaveLength(5);
});

test("containerd logs in to a registry with a password", async () => {
  const users = parseHtpasswd(await htpasswdLine("ada", "s3cret"));
  const server = await startOurRegistry({ wrap: (handler) => requireLogin(handler, async () => users) });
  open.push(server);
  const name = `${server.name}/library/web:v1`;
  await ctr("content", "fetch", "--plain-http", "--user", "ada:wrong", name).then(
    () => expect.unreachable(),
    (error: unknown) => expect(String(error)).toContain("401"),
  );
  await expect(ctr("content", "fetch", "--plain-http", "--user", "ada:s3cret", name)).rejects.toThrow("not found");
});
