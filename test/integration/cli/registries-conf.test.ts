import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

import { Secret } from "../../../src/base/secret.ts";
import { issueAuthority, issueServerCertificate } from "../../../src/pki/certificate.ts";
import { digestOf as digestOfBytes } from "../../../src/oci/digest.ts";
import { startOurRegistry, type OurRegistry } from "../registry/our-registry.ts";
import { selfSignedCertificate } from "../../support/openssl.ts";
import { runProgram, type ProgramRun } from "./program.ts";

/** A name that nobody may ask: what is read of it comes from elsewhere. */
const IMAGE = "registry.invalid/team/app:v1";

let root: string;
let origin: OurRegistry;
let mirror: OurRegistry;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "registries-conf-test-"));
  origin = await startOurRegistry();
  mirror = await startOurRegistry();
  await write("app/Kubefile", "FROM scratch\nCOPY Kubefile /\n");
  await sealos("build", "-q", "-t", "app:v1", "app");
});

afterEach(async () => {
  await origin.close();
  await mirror.close();
  await rm(root, { recursive: true, force: true });
});

async function write(path: string, content: string): Promise<string> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
  return join(root, path);
}

function run(...argv: readonly string[]): Promise<ProgramRun> {
  return runProgram(argv, { root });
}

/** Runs a command that must succeed. @returns what it prints */
async function sealos(...argv: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run(...argv);
  expect({ argv, exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ argv, exitCode: 0, stderr: "" });
  return stdout;
}

/** @returns the digest */
async function publish(registry: OurRegistry, repository: string): Promise<string> {
  await sealos("push", "-q", "app:v1", `${registry.name}/${repository}:v1`);
  return digestOf("localhost/app:v1");
}

async function digestOf(name: string): Promise<string> {
  return (await sealos("inspect", "--format", "{{.FromImageDigest}}", name)).trim();
}

/** Where the images of registry.invalid are. */
function configuration(): string {
  return `
[[registry]]
prefix = "registry.invalid"
location = "${origin.name}"
insecure = true
[[registry.mirror]]
location = "${mirror.name}/mirrored"
insecure = true
`;
}

async function configure(text: string): Promise<string> {
  return write(".config/containers/registries.conf", text);
}

/** What skopeo finds with the same file. */
async function skopeoDigest(name: string, file: string): Promise<string> {
  const argv = ["--registries-conf", file, "inspect", "--raw", `docker://${name}`];
  const { stdout } = await promisify(execFile)("skopeo", argv);
  return digestOfBytes(Buffer.from(stdout));
}

function reads({ log }: OurRegistry): readonly string[] {
  return log.filter((line) => line.startsWith("GET /v2/") && line.includes("/blobs/"));
}

test("pull reads from the mirror, as skopeo does, and keeps the name", async () => {
  const file = await configure(configuration());
  const digest = await publish(mirror, "mirrored/team/app");
  await sealos("pull", "-q", IMAGE);
  expect(await digestOf(IMAGE)).toBe(digest);
  expect(await skopeoDigest(IMAGE, file)).toBe(digest);
  expect(reads(origin)).toEqual([]);
});

test("pull reads from the location when the mirror has nothing, and when it is down", async () => {
  const file = await configure(configuration());
  const digest = await publish(origin, "team/app");
  await sealos("pull", "-q", IMAGE);
  expect(await skopeoDigest(IMAGE, file)).toBe(digest);
  await sealos("rmi", IMAGE);
  await mirror.close();
  await sealos("pull", "-q", IMAGE);
  expect(await digestOf(IMAGE)).toBe(digest);
});

test("the base image of a build and the images that it caches come from the mirror", async () => {
  await configure(configuration());
  await publish(mirror, "mirrored/team/app");
  await write("web/Kubefile", `FROM ${IMAGE}\nCOPY . .\n`);
  await write("web/images/shim/list", `${IMAGE}\n`);
  await sealos("rmi", "app:v1");
  await sealos("build", "-q", "-t", "web:v1", "web");
  expect(reads(mirror).length).toBeGreaterThan(0);
  expect(await sealos("scan", "web:v1")).toContain(IMAGE);
});

test("registry copy reads from the mirror, push writes to where the name says", async () => {
  const file = await write(
    "mirrors.conf",
    `[[registry]]\nlocation = "${origin.name}"\n[[registry.mirror]]\nlocation = "${mirror.name}/mirrored"\n`,
  );
  await publish(mirror, "mirrored/team/app");
  const before = mirror.log.length;
  await sealos("push", "-q", "--registries-conf", file, "app:v1", `${origin.name}/other/app:v1`);
  expect(mirror.log.length).toBe(before);
  await sealos("registry", "copy", "-q", "--registries-conf", file, `${origin.name}/team/app:v1`, "./copied");
  expect(reads(mirror).length).toBeGreaterThan(0);
});

test("what is blocked is refused, with the file that says so", async () => {
  const file = await configure('[[registry]]\nlocation = "registry.invalid"\nblocked = true\n');
  for (const argv of [
    ["pull", IMAGE],
    ["push", "app:v1", IMAGE],
  ]) {
    const { exitCode, stderr } = await run(...argv);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringContaining(`"registry.invalid" is blocked`),
    });
    expect(stderr).toContain(file);
  }
});

test("a short name is looked up as an alias, else in each registry of the list", async () => {
  await configure(
    `unqualified-search-registries = ["${mirror.name}", "${origin.name}"]\n[aliases]\n"short" = "${origin.name}/team/app"\n`,
  );
  await publish(origin, "team/app");
  await sealos("pull", "-q", "short:v1");
  await sealos("pull", "-q", "team/app:v1");
  expect(await sealos("images", "--format", "{{.Name}}")).toContain(`${origin.name}/team/app`);
  const { exitCode, stderr } = await run("pull", "team/missing:v1");
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`Cannot find any of ${mirror.name}/team/missing:v1, ${origin.name}/team/missing:v1:`);
});

test("what is wrong in a registries.conf is said with its place", async () => {
  const file = await configure('[[registry]]\nlocation = "https://registry.invalid"\n');
  const { exitCode, stderr } = await run("pull", IMAGE);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`Cannot read "${file}": the location "https://registry.invalid" has a scheme`);
});

test("--offline asks this machine only, and names everything that is missing", async () => {
  await publish(origin, "team/app");
  await sealos("pull", "-q", "--offline", `${origin.name}/team/app:v1`);
  await write("web/Kubefile", "FROM scratch\nCOPY . .\n");
  await write("web/images/shim/list", `registry.invalid/a:v1\nregistry.invalid/b:v1\n${origin.name}/team/app:v1\n`);
  const built = await run("build", "--offline", "-t", "web:v1", "web");
  expect(built.exitCode).toBe(1);
  expect(built.stderr).toContain("Cannot cache 2 of 3 container images");
  for (const [line, name] of [
    [1, "a"],
    [2, "b"],
  ]) {
    expect(built.stderr).toContain(`images/shim/list:${line}`);
    expect(built.stderr).toContain(
      `Cannot pull "registry.invalid/${name}:v1": "registry.invalid" is not asked while offline`,
    );
  }
  await write("add/Kubefile", "FROM scratch\nADD https://registry.invalid/file /\n");
  const added = await runProgram(["build", "add"], { root, env: { SEALOS_OFFLINE: "1" } });
  expect(added).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Kubefile:2:5") });
  expect(added.stderr).toContain("nobody is asked while offline");
});

test("certificates for a registry are found in certs.d, those of the client too", async () => {
  const dates = { notBefore: new Date(Date.now() - 3_600_000), validDays: 2 };
  const authority = issueAuthority({ commonName: "test-ca", ...dates });
  const issuer = { ...authority, commonName: "test-ca" };
  const names = { commonName: "127.0.0.1", subjectAlternativeNames: ["127.0.0.1"] };
  const server = issueServerCertificate({ ...names, ...dates }, issuer);
  const client = selfSignedCertificate("client");
  const guarded = await startOurRegistry({
    root: origin.root,
    tls: {
      certificate: server.certificate,
      privateKey: new Secret(server.privateKey),
      clientAuthorities: client.certificate,
    },
  });
  await publish(origin, "team/app");
  const name = `${guarded.name}/team/app:v1`;
  const folder = `.config/containers/certs.d/${guarded.name}`;
  try {
    const stranger = await run("pull", name);
    expect(stranger).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(`certs.d/${guarded.name}/ca.crt`) });
    await write(`${folder}/ca.crt`, authority.certificate);
    expect(await run("pull", name)).toMatchObject({ exitCode: 1 });
    await write(`${folder}/client.cert`, client.certificate);
    const half = await run("pull", name);
    expect(half.stderr).toContain('"client.key" is missing beside it');
    await write(`${folder}/client.key`, client.key);
    await sealos("pull", "-q", name);
    await sealos("rmi", name);
    await sealos("pull", "-q", "--cert-dir", join(root, folder), name);
  } finally {
    await guarded.close();
  }
});
