import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { RemoteRegistry } from "../../../src/registry/client/remote-registry.ts";
import { RemoteRepository } from "../../../src/registry/client/remote-repository.ts";
import { htpasswdLine } from "../../../src/registry/htpasswd.ts";
import { parseHtpasswd, requireLogin } from "../../../src/registry/server/login.ts";
import { CRANE, goProgram } from "../../support/go-program.ts";
import { pushBlob, pushImage, testImage, testIndex } from "../../support/test-image.ts";
import { startOurRegistry, type OurRegistry, type OurRegistryOptions } from "./our-registry.ts";

const run = promisify(execFile);
const ctx = backgroundContext();
const images = [testImage("amd64", "shared"), testImage("arm64", "shared")];
const index = testIndex(...images.map(({ manifest }) => manifest));

let folder = "";
let craneProgram = "";
const open: { close(): void | Promise<void> }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "registry-peers-test-"));
  craneProgram = await goProgram(CRANE);
}, 300_000);
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close();
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function start(options: OurRegistryOptions = {}): Promise<OurRegistry> {
  const server = await startOurRegistry(options);
  open.push(server);
  return server;
}

function connect({ name }: OurRegistry, repository: string): RemoteRepository {
  const registry = new RemoteRegistry(name);
  open.push(registry);
  return new RemoteRepository(registry, repository);
}

async function fill(server: OurRegistry): Promise<void> {
  const repository = connect(server, "library/web");
  for (const image of images) await pushImage(ctx, repository, image);
  await pushBlob(ctx, repository, index);
  await repository.tag(ctx, index.descriptor, "v1");
}

async function crane(...words: readonly string[]): Promise<string> {
  const { stdout } = await run(craneProgram, [...words], { env: { HOME: folder, PATH: process.env["PATH"] } });
  return stdout.trim();
}

test("crane lists, reads, copies, tags and deletes in our registry", async () => {
  const server = await start();
  await fill(server);
  const [source, copy] = [`${server.name}/library/web`, `${server.name}/copies/web`];

  expect(await crane("catalog", server.name)).toBe("library/web");
  expect(await crane("ls", source)).toBe("v1");
  expect(await crane("digest", `${source}:v1`)).toBe(index.descriptor.digest);
  await crane("copy", `${source}:v1`, `${copy}:v1`);
  await crane("tag", `${copy}:v1`, "v2");
  expect((await crane("ls", copy)).split("\n")).toEqual(["v1", "v2"]);
  expect(await crane("blob", `${copy}@${images[0]?.blobs[1]?.descriptor.digest}`)).toBe("amd64");
  await crane("delete", `${copy}:v1`);
  expect(await crane("ls", copy)).toBe("v2");
  // Blobs are mounted, not sent again.
  expect(server.log.filter((line) => /^(PATCH|PUT) \/v2\/copies\/web\/blobs/.test(line))).toEqual([]);
});

test("crane pushes an OCI layout and pulls it back", async () => {
  const server = await start();
  await fill(server);
  const layout = join(folder, "crane-layout");
  await crane("pull", "--format", "oci", `${server.name}/library/web:v1`, layout);
  await crane("push", "--index", layout, `${server.name}/pushed/web:v1`);
  expect(JSON.parse(await crane("manifest", `${server.name}/pushed/web:v1`))).toMatchObject({
    manifests: [{ digest: index.descriptor.digest }],
  });
});

test("crane changes an image in our registry", async () => {
  const server = await start();
  await fill(server);
  const repository = `${server.name}/library/web`;
  const source = `${repository}@${images[0]?.manifest.descriptor.digest}`;
  await crane("mutate", source, "-t", `${repository}:labelled`, "-l", "a=b");
  const config: unknown = JSON.parse(await crane("config", `${repository}:labelled`));
  expect(config).toMatchObject({ config: { Labels: { a: "b" } } });
});

test("buildah pushes to our registry with a login, and pulls from it", async () => {
  const users = parseHtpasswd(await htpasswdLine("ada", "s3cret"));
  const server = await start({ wrap: (handler) => requireLogin(handler, async () => users) });
  await writeFile(join(folder, "Containerfile"), "FROM scratch\nCOPY file /file\n");
  await writeFile(join(folder, "file"), "content\n");
  const storage = ["--root", join(folder, "root"), "--runroot", join(folder, "run"), "--storage-driver", "vfs"];
  const buildah = async (...words: readonly string[]): Promise<string> =>
    (await run("buildah", [...storage, ...words])).stdout.trim();
  const remote = ["--tls-verify=false", "--creds", "ada:s3cret"];
  const name = `${server.name}/team/app:v1`;

  await buildah("bud", "--isolation", "chroot", "-q", "-t", "app", folder);
  await buildah("push", "-q", ...remote, "app", `docker://${name}`);
  await buildah("push", "-q", ...remote, "--format", "v2s2", "app", `docker://${server.name}/team/app:docker`);
  await buildah("rmi", "-a", "-f");
  await buildah("pull", "-q", ...remote, `docker://${name}`);
  expect(await buildah("images", "-n", "--format", "{{.Name}}:{{.Tag}}")).toBe(name);
  await expect(
    buildah("pull", "-q", "--tls-verify=false", "--creds", "ada:no", "--policy", "always", `docker://${name}`),
  ).rejects.toThrow();
});

test("skopeo syncs a folder's worth of images to our registry and back", async () => {
  const server = await start();
  await fill(server);
  const directory = join(folder, "synced");
  const skopeo = async (...words: readonly string[]) =>
    run("skopeo", ["--insecure-policy", "--registries.d", folder, "--tmpdir", folder, ...words]);
  await skopeo(
    "sync",
    "--all",
    "--src",
    "docker",
    "--dest",
    "dir",
    "--src-tls-verify=false",
    `${server.name}/library/web`,
    directory,
  );
  expect(JSON.parse(await readFile(join(directory, "web:v1/manifest.json"), "utf8"))).toMatchObject({
    manifests: images.map(({ manifest }) => manifest.descriptor),
  });
  await skopeo(
    "sync",
    "--all",
    "--src",
    "dir",
    "--dest",
    "docker",
    "--dest-tls-verify=false",
    directory,
    `${server.name}/back`,
  );
  expect((await connect(server, "back/web").resolve(ctx, "v1")).digest).toBe(index.descriptor.digest);
});
