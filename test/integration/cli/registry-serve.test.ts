import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request, type IncomingMessage } from "node:http";
import { get, type RequestOptions } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { digestOf } from "../../../src/oci/digest.ts";
import { issueAuthority, issueServerCertificate } from "../../../src/pki/certificate.ts";
import { htpasswdLine } from "../../../src/registry/htpasswd.ts";
import { parseHtpasswd, requireLogin } from "../../../src/registry/server/login.ts";
import { startOurRegistry } from "../registry/our-registry.ts";
import { selfSignedCertificate } from "../../support/openssl.ts";
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
async function whileServing(
  flags: readonly string[],
  use: (address: string, interrupt: () => void) => Promise<void>,
  content: readonly string[] = ["filesystem", "content"],
): Promise<ProgramRun> {
  let using: Promise<void> | undefined;
  let seen = "";
  const ended = await runProgram(["registry", "serve", ...content, "--progress", "plain", ...flags], {
    root,
    onProgress(stderr, kill) {
      seen += stderr;
      const address = /Serve \S+ at https?:\/\/(127\.0\.0\.1:\d+)/.exec(seen)?.[1];
      const interrupt = (): void => kill("SIGINT");
      if (address === undefined || using) return;
      using = use(address, interrupt).finally(interrupt);
      using.catch(() => undefined); // thrown below, when the server has ended
    },
  });
  await using;
  return ended;
}

function postBlob(address: string, content: string): Promise<Response> {
  const url = `http://${address}/v2/web/blobs/uploads/?digest=${digestOf(content)}`;
  return fetch(url, { method: "POST", body: content });
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

test("sealos registry serve inmem keeps content up to its limit", async () => {
  await whileServing(
    ["--memory-limit", "1kB"],
    async (address) => {
      expect((await postBlob(address, "x".repeat(900))).status).toBe(201);
      expect((await postBlob(address, "y".repeat(900))).status).toBe(507);
      expect((await postBlob(address, "z".repeat(50))).status).toBe(201);
    },
    ["inmem"],
  );
  const refused = await runProgram(["registry", "serve", "inmem", "--memory-limit", "much"], { root });
  expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--memory-limit "much"') });
});

test("sealos registry serve --upstream fetches with the stored login and serves what it has when the upstream is gone", async () => {
  const users = parseHtpasswd(await htpasswdLine("ada", "s3cret"));
  const upstream = await startOurRegistry({ wrap: (handler) => requireLogin(handler, async () => users) });
  try {
    const login = ["login", upstream.name, "-u", "ada", "--password-stdin"];
    expect(await runProgram(login, { root, input: "s3cret" })).toMatchObject({ exitCode: 0 });
    await runProgram(["push", "-q", "web", `${upstream.name}/team/web:v1`], { root });
    await whileServing(
      ["--upstream", upstream.name, "--upstream", `quay.io=${upstream.name}`, "--tag-ttl", "0"],
      async (address) => {
        for (const name of ["team/web:v1", "quay.io/team/web:v1"]) {
          expect(await runProgram(["pull", "-q", `${address}/${name}`], { root })).toMatchObject({ exitCode: 0 });
        }
        expect((await fetch(`http://${address}/v2/team/web/tags/list?ns=quay.io`)).status).toBe(200);
        expect((await fetch(`http://${address}/v2/team/web/tags/list?ns=ghcr.io`)).status).toBe(404);
        await upstream.close();
        const pull = ["pull", "-q", "--policy", "always", `${address}/team/web:v1`];
        expect(await runProgram(pull, { root })).toMatchObject({ exitCode: 0 });
      },
      ["filesystem", "mirror"],
    );
  } finally {
    await upstream.close();
  }
}, 60_000);

test("sealos registry serve --htpasswd lets in who was given a password since, and logs who asked", async () => {
  await writeFile(join(root, "users"), await htpasswdLine("ada", "first"));
  await whileServing(["--htpasswd", "users", "--access-log", "access.log"], async (address) => {
    const status = async (password: string): Promise<number> => {
      const authorization = `Basic ${Buffer.from(`ada:${password}`).toString("base64")}`;
      return (await fetch(`http://${address}/v2/`, { headers: { authorization, "user-agent": 'a"b' } })).status;
    };
    expect([await status("first"), await status("second")]).toEqual([200, 401]);
    await runProgram(["registry", "passwd", "-p", "users", "-u", "ada"], { root, input: "second\n" });
    expect([await status("first"), await status("second")]).toEqual([401, 200]);
    await writeFile(join(root, "users"), "nonsense");
    expect([await status("first"), await status("second")]).toEqual([401, 200]);
  });
  const lines = (await readFile(join(root, "access.log"), "utf8")).trimEnd().split("\n");
  const time = String.raw`\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\]`;
  expect(lines).toHaveLength(6);
  expect(lines[0]).toMatch(
    new RegExp(String.raw`^127\.0\.0\.1 - ada ${time} "GET /v2/ HTTP/1\.1" 200 2 "-" "a\\"b" \d+$`),
  );
  expect(lines[1]).toMatch(new RegExp(String.raw`^127\.0\.0\.1 - - ${time} "GET /v2/ HTTP/1\.1" 401 `));
}, 60_000);

test("sealos registry serve --client-ca lets only clients in whose certificate it knows", async () => {
  const dates = { notBefore: new Date(Date.now() - 3_600_000), validDays: 2 };
  const authority = issueAuthority({ commonName: "test-ca", ...dates });
  const names = { commonName: "127.0.0.1", subjectAlternativeNames: ["127.0.0.1"], ...dates };
  const pair = issueServerCertificate(names, { ...authority, commonName: "test-ca" });
  await writeFile(join(root, "ca.crt"), authority.certificate);
  await writeFile(join(root, "server.crt"), pair.certificate);
  await writeFile(join(root, "server.key"), pair.privateKey);
  const { certificate: cert, key } = selfSignedCertificate("client");
  await writeFile(join(root, "client.crt"), cert);
  const tls = ["--tls-cert", "server.crt", "--tls-key", "server.key"];
  const ask = async (address: string, options: RequestOptions): Promise<number | undefined> => {
    const [response] = await once(
      get(`https://${address}/v2/`, { ca: authority.certificate, agent: false, ...options }),
      "response",
    );
    response.resume();
    return response.statusCode;
  };
  await whileServing([...tls, "--client-ca", "client.crt"], async (address) => {
    await expect(ask(address, {})).rejects.toThrow();
    expect(await ask(address, { cert, key })).toBe(200);
  });
  await whileServing(tls, async (address) => expect(await ask(address, {})).toBe(200));
  const half = await runProgram(["registry", "serve", "inmem", "--client-ca", "ca.crt"], { root });
  expect(half).toMatchObject({ exitCode: 2 });
}, 60_000);

test("sealos registry serve takes an upload to its end when it is interrupted", async () => {
  const content = "x".repeat(200_000);
  const served = await whileServing([], async (address, interrupt) => {
    const sending = request(`http://${address}/v2/web/blobs/uploads/?digest=${digestOf(content)}`, {
      method: "POST",
      headers: { "content-length": String(content.length), expect: "100-continue" },
    });
    sending.flushHeaders();
    await once(sending, "continue");
    sending.write(content.slice(0, 100_000));
    interrupt();
    await expect.poll(() => fetch(`http://${address}/v2/`).catch(() => "refused")).toBe("refused");
    sending.end(content.slice(100_000));
    const [response]: IncomingMessage[] = await once(sending, "response");
    expect(response?.statusCode).toBe(201);
    response?.resume();
  });
  expect(served).toMatchObject({ exitCode: 0 });
}, 60_000);
