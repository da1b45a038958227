import { array, assert, asyncProperty, boolean, constantFrom, oneof, record, string, tuple } from "fast-check";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { RemoteRegistry } from "../../../src/registry/client/remote-registry.ts";
import { RemoteRepository } from "../../../src/registry/client/remote-repository.ts";
import { htpasswdLine } from "../../../src/registry/htpasswd.ts";
import { parseHtpasswd, requireLogin } from "../../../src/registry/server/login.ts";
import { blob, pushBlob } from "../../support/test-image.ts";
import { startOurRegistry, type OurRegistry } from "./our-registry.ts";
import { sendRaw, statusesOf } from "./raw-request.ts";

const ctx = backgroundContext();
const piece = blob("0123456789");
const { digest } = piece.descriptor;
let folder = "";
let server: OurRegistry;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bad-requests-test-"));
  server = await startOurRegistry({ root: join(folder, "root") });
  const registry = new RemoteRegistry(server.name);
  await pushBlob(ctx, new RemoteRepository(registry, "web"), piece);
  registry.close();
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** The statuses of all answers to one connection. */
async function ask(...lines: readonly string[]): Promise<number[]> {
  return statusesOf(await sendRaw(server.name, lines.join("\r\n")));
}

/** A request that a proxy before the server may take for another one than the server does. */
const SMUGGLED = `0\r\n\r\nDELETE /v2/web/blobs/${digest} HTTP/1.1\r\nHost: x\r\n\r\n`;

test.each([
  ["both a length and chunks", ["Content-Length: 5", "Transfer-Encoding: chunked"], [400]],
  ["two lengths", ["Content-Length: 5", "Content-Length: 6"], [400]],
  ["a signed length", ["Content-Length: +5"], [400]],
  ["a blank before the colon", ["Content-Length : 5"], [400]],
  ["an unknown encoding", ["Transfer-Encoding: xchunked"], [400]],
  ["an encoding that is not the last", ["Transfer-Encoding: chunked, identity"], [400]],
  ["a line break in a header", ["X-A: b\rContent-Length: 5"], [400]],
  ["a control character in a header", ["X-A: \u0001"], [400]],
])("a request with %s is refused, and what follows it is not taken for a request", async (_, headers, statuses) => {
  const found = await ask("POST /v2/web/blobs/uploads/ HTTP/1.1", "Host: x", ...headers, "", SMUGGLED);
  expect(found).toEqual(statuses);
  expect((await fetch(`http://${server.name}/v2/web/blobs/${digest}`)).status).toBe(200);
  expect(server.log).toContain("- - 400");
});

test.each([
  ["GET /v2/ HTTP/1.1", [400]], // without a host
  ["GET /v2/ HTTP/1.1\r\nHost: x\r\nX: LONG", [431]],
  ["GET /v2/LONG HTTP/1.1\r\nHost: x", [431]],
  ["BREW /v2/ HTTP/1.1\r\nHost: x", [400]],
  ["get /v2/ HTTP/1.1\r\nHost: x", [400]],
  ["OPTIONS /v2/ HTTP/1.1\r\nHost: x", [405]],
  ["OPTIONS * HTTP/1.1\r\nHost: x", [404]],
  ["TRACE /v2/web/tags/list HTTP/1.1\r\nHost: x", [405]],
  ["PROPFIND /v2/web/tags/list HTTP/1.1\r\nHost: x", [405]],
  ["CONNECT example.com:443 HTTP/1.1\r\nHost: x", []],
  ["GET http://example.com/v2/ HTTP/1.1\r\nHost: x", [404]],
  ["GET /v2/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade", [200]],
  ["GET /v2/../../../etc/passwd HTTP/1.1\r\nHost: x", [404]],
  ["GET /v2/%2e%2e/%2e%2e/blobs/" + digest + " HTTP/1.1\r\nHost: x", [400]],
  ["GET /v2/web/manifests/..%2f..%2f..%2fetc HTTP/1.1\r\nHost: x", [404]],
  ["GET /v2/web%00/tags/list HTTP/1.1\r\nHost: x", [400]],
  ["GET /v2/web/blobs/uploads/..%2fx HTTP/1.1\r\nHost: x", [404]],
  ["GET /v2/web/blobs/sha256:..%2f..%2fx HTTP/1.1\r\nHost: x", [404]],
  ["GET /v2/%zz/tags/list HTTP/1.1\r\nHost: x", [400]],
  ["GET /v2/_catalog?n=-1 HTTP/1.1\r\nHost: x", [400]],
  ["HEAD /v2/web/blobs/" + digest + " HTTP/1.1\r\nHost: x", [200]],
])("%j is answered with %j", async (request, statuses) => {
  const text = request.replace("LONG", "y".repeat(20_000));
  expect(await ask(text, "Connection: close", "", "")).toEqual(statuses);
});

test.each([
  ["bytes=0-0", 206],
  ["bytes=9-", 206],
  ["bytes=-3", 206],
  ["bytes=3-1", 200],
  ["bytes=a-b", 200],
  ["bytes=0-1,4-5", 200],
  ["bytes=99999999999999999999-", 416],
  ["bytes=-0", 416],
  ["lines=0-1", 200],
])("the range %s is answered with %i", async (range, status) => {
  const response = await fetch(`http://${server.name}/v2/web/blobs/${digest}`, { headers: { range } });
  expect(response.status).toBe(status);
});

test("a manifest beyond the limit is refused with a reason that the client gets to see", async () => {
  const body = Buffer.alloc(4 * 1024 * 1024 + 10, " ");
  const response = await fetch(`http://${server.name}/v2/web/manifests/v1`, { method: "PUT", body });
  expect([response.status, await response.json()]).toMatchObject([413, { errors: [{ code: "SIZE_INVALID" }] }]);
});

test("a client that sends on and on where nothing is wanted is cut off", async () => {
  const head = `PUT /v2/web/tags/list HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\n\r\n`;
  await sendRaw(server.name, Buffer.concat([Buffer.from(head), Buffer.alloc(8_000_000)]));
  expect(server.log).toContain("PUT /v2/web/tags/list 405");
});

test("a client that stands still is dropped, in a head and in a body", async () => {
  const impatient = await startOurRegistry({ idleMs: 100 });
  try {
    const head = "POST /v2/web/blobs/uploads/?digest=" + digest + " HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n";
    expect(statusesOf(await sendRaw(impatient.name, "GET /v2/ HT"))).toEqual([]);
    expect(statusesOf(await sendRaw(impatient.name, `${head}01234`))).toEqual([]);
    expect((await fetch(`http://${impatient.name}/v2/web/blobs/${digest}`)).status).toBe(404);
  } finally {
    await impatient.close();
  }
});

test("wrong passwords are refused, known users or not, and whoever knows the password still gets in", async () => {
  const users = parseHtpasswd(await htpasswdLine("ada", "s3cret"));
  const guarded = await startOurRegistry({ wrap: (handler) => requireLogin(handler, async () => users) });
  try {
    const logIn = async (login: string): Promise<number> => {
      const authorization = `Basic ${Buffer.from(login).toString("base64")}`;
      return (await fetch(`http://${guarded.name}/v2/`, { headers: { authorization } })).status;
    };
    expect(await logIn("ada:s3cret")).toBe(200);
    const wrong = ["ada:wrong", "ada:", "bob:s3cret", ":s3cret", "ada", "ada:s3cret\0", `ada:${"x".repeat(5000)}`];
    const [statuses, known] = await Promise.all([Promise.all(wrong.map(logIn)), logIn("ada:s3cret")]);
    expect(statuses).toEqual(wrong.map(() => 401));
    expect(known).toBe(200);
    for (const authorization of ["Basic", "Basic ***", "Bearer x", "basic " + "A".repeat(9000), ""]) {
      expect((await fetch(`http://${guarded.name}/v2/`, { headers: { authorization } })).status).toBe(401);
    }
  } finally {
    await guarded.close();
  }
});

const segment = oneof(
  constantFrom("v2", "web", "library", "blobs", "uploads", "manifests", "tags", "list", "referrers", "_catalog"),
  constantFrom("..", ".", "%2e%2e", "%2f", "%00", "%zz", "_manifests", "link", "data", digest, "sha256:", "v1"),
  string({ unit: constantFrom(...Array.from("abz09._-:%@~!$&'()*+,;=AZ")), maxLength: 12 }),
);
const header = oneof(
  tuple(
    constantFrom("range", "content-range", "content-type", "authorization", "accept", "expect", "connection"),
    string({ unit: constantFrom(...Array.from("bytes=-0123456789,/* application")), maxLength: 30 }),
  ),
  tuple(constantFrom("content-length"), constantFrom("0", "5", "-1", "1e3", "99999999999999999999")),
  tuple(constantFrom("transfer-encoding"), constantFrom("chunked", "gzip", "chunked, chunked")),
);
const request = record({
  method: constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE", "NOPE"),
  segments: array(segment, { minLength: 1, maxLength: 8 }),
  isApi: boolean(),
  query: constantFrom(
    "",
    `?digest=${digest}`,
    "?digest=x",
    "?n=1&last=%00",
    `?mount=${digest}&from=../x`,
    "?n=",
    "?ns=../x",
  ),
  headers: array(header, { maxLength: 4 }),
  body: string({ maxLength: 20 }),
});

test("whatever is sent, the registry answers what it must, keeps its content and writes nowhere else", async () => {
  await assert(
    asyncProperty(array(request, { minLength: 1, maxLength: 5 }), async (requests) => {
      const texts = requests.map(({ method, segments, isApi, query, headers, body }) =>
        [
          `${method} ${isApi ? "/v2/" : "/"}${segments.join("/")}${query} HTTP/1.1`,
          "host: x",
          ...headers.map(([name, value]) => `${name}: ${value}`),
          "",
          body,
        ].join("\r\n"),
      );
      await sendRaw(server.name, texts.join(""), { ends: true });
    }),
    { seed: 20_261_125, numRuns: 1500 },
  );
  const statuses = server.log.map((line) => Number(line.slice(-3)));
  expect(statuses.filter((status) => status >= 500)).toEqual([]);
  expect(new Set(statuses).size).toBeGreaterThan(5);
  const kept = await fetch(`http://${server.name}/v2/web/blobs/${digest}`, { headers: { range: "bytes=0-" } });
  expect([200, 206, 404]).toContain(kept.status);
  expect(await readdir(folder)).toEqual(["root"]);
  expect(await readdir(join(folder, "root"))).toEqual(["docker"]);
}, 30_000);
