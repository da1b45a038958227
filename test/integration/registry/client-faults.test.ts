import { inspect } from "node:util";
import { afterEach, expect, test } from "vitest";

import { bytesOf, collect } from "../../../src/base/bytes.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { Secret } from "../../../src/base/secret.ts";
import { copyGraph } from "../../../src/oci/copy-graph.ts";
import { verified } from "../../../src/oci/verify.ts";
import type { Credentials } from "../../../src/registry/client/credentials.ts";
import {
  BLOB_RETRY,
  RemoteRegistry,
  type RemoteRegistryOptions,
} from "../../../src/registry/client/remote-registry.ts";
import { RemoteRepository } from "../../../src/registry/client/remote-repository.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { blob, pushBlob, testImage } from "../../support/test-image.ts";
import { reply, startScriptedRegistry, type Script, type ScriptedRegistry } from "./scripted-registry.ts";

const ctx = backgroundContext();
const piece = blob("some content that breaks off");
const { manifest } = testImage("layer");
const open: { close(): void | Promise<void> }[] = [];

afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close();
});

async function start(script: Script): Promise<ScriptedRegistry> {
  const server = await startScriptedRegistry(script);
  open.push(server);
  return server;
}

function connect(name: string, options: RemoteRegistryOptions = {}): RemoteRepository {
  const registry = new RemoteRegistry(name, { retry: { attempts: 3, firstDelayMs: 1 }, ...options });
  open.push(registry);
  return new RemoteRepository(registry, "library/web");
}

const password: Credentials = { kind: "password", username: "alice", password: new Secret("hunter2") };
const withPassword: RemoteRegistryOptions = { findCredentials: () => Promise.resolve(password) };

const manifestHeaders = {
  "content-type": manifest.descriptor.mediaType,
  "docker-content-digest": manifest.descriptor.digest,
  "content-length": String(manifest.descriptor.size),
};

test("fetch() goes on where it was when the connection breaks", async () => {
  const ranges: (string | undefined)[] = [];
  const server = await start((request, response) => {
    const { range } = request.headers;
    ranges.push(range);
    const first = Number(/\d+/.exec(range ?? "0")?.[0]);
    const rest = piece.content.subarray(first);
    const length = { "content-length": String(rest.byteLength) };
    const place = { "content-range": `bytes ${first}-${piece.content.byteLength - 1}/${piece.content.byteLength}` };
    response.writeHead(range === undefined ? 200 : 206, range === undefined ? length : { ...length, ...place });
    if (first >= 20) response.end(rest);
    else response.write(rest.subarray(0, 10), () => response.destroy());
  });
  const content = verified(await connect(server.name).fetch(ctx, piece.descriptor), piece.descriptor);
  expect((await collect(content, 100)).toString()).toBe("some content that breaks off");
  expect(ranges).toEqual([undefined, "bytes=10-", "bytes=20-"]);
});

test("fetch() starts again when the connection breaks and the registry knows no ranges", async () => {
  const server = await start((_, response, count) => {
    response.writeHead(200, { "content-length": String(piece.content.byteLength) });
    if (count > 1) response.end(piece.content);
    else response.write(piece.content.subarray(0, 10), () => response.destroy());
  });
  const content = verified(await connect(server.name).fetch(ctx, piece.descriptor), piece.descriptor);
  expect((await collect(content, 100)).toString()).toBe("some content that breaks off");
});

test("fetch() fails with REGISTRY_UNREACHABLE when the connection always breaks", async () => {
  const server = await start((_, response) => {
    response.writeHead(200, { "content-length": String(piece.content.byteLength) });
    response.write("", () => response.destroy());
  });
  const content = connect(server.name).fetch(ctx, piece.descriptor);
  await expect(content.then((bytes) => collect(bytes, 100))).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
});

test("fetch() fails before the content when the registry has it in another size", async () => {
  const server = await start((_, response) => reply(response, 200, { body: "short" }));
  await expect(connect(server.name).fetch(ctx, piece.descriptor)).rejects.toThrow(
    `${piece.descriptor.digest} has 5 bytes, expected 28`,
  );
});

test("fetch() repeats a request when the registry fails or limits for a while", async () => {
  const server = await start((_, response, count) => {
    if (count === 1) reply(response, 503);
    else if (count === 2) reply(response, 429, { "retry-after": "0" });
    else response.end(piece.content);
  });
  const content = await collect(await connect(server.name).fetch(ctx, piece.descriptor), 100);
  expect(content.toString()).toBe("some content that breaks off");
});

test("resolve() does not wait to its end when it is cancelled during a Retry-After", async () => {
  const cancelled = new AbortController();
  const server = await start((_, response) => {
    reply(response, 429, { "retry-after": "60" });
    response.once("close", () => cancelled.abort(new Error("enough")));
  });
  const inner = { ...ctx, signal: cancelled.signal };
  await expect(connect(server.name).resolve(inner, "v1")).rejects.toThrow("enough");
});

test("resolve() fails when something that is no registry answers", async () => {
  const server = await start((_, response) => {
    reply(response, 200, { "content-type": "text/html", body: "<h1>Welcome</h1>" });
  });
  await expect(connect(server.name).resolve(ctx, "v1")).rejects.toThrow(
    `Cannot pull "${server.name}/library/web:v1": "${server.name}" answered with "text/html", expected a manifest`,
  );
});

test("resolve() reads the content when the head does not say the digest", async () => {
  const server = await start((request, response) => {
    const headers = { "content-type": manifest.descriptor.mediaType };
    response.writeHead(200, headers).end(request.method === "GET" ? manifest.content : undefined);
  });
  expect(await connect(server.name).resolve(ctx, "v1")).toEqual(manifest.descriptor);
});

test("resolve() fails when the registry has another digest than it was asked for", async () => {
  const server = await start((_, response) => response.writeHead(200, manifestHeaders).end());
  const { digest } = testImage("other").manifest.descriptor;
  await expect(connect(server.name).resolve(ctx, digest)).rejects.toMatchObject({ code: "INTEGRITY" });
});

test("resolve() shows no control characters when the registry sends some", async () => {
  const body = JSON.stringify({ errors: [{ code: "DENIED", message: "no\u001b[31m way" }] });
  const server = await start((request, response) => {
    if (request.method === "HEAD") response.writeHead(200).end();
    else reply(response, 403, { body });
  });
  await expect(connect(server.name).resolve(ctx, "v1")).rejects.toThrow("answered 403 DENIED: no\\x1b[31m way");
});

test("fetch() drops the credentials when it is redirected to another origin", async () => {
  const elsewhere = await start((_, response) => response.end(piece.content));
  const server = await start((request, response) => {
    if (request.headers.authorization === undefined) reply(response, 401, { "www-authenticate": 'Basic realm="r"' });
    else reply(response, 307, { location: `http://${elsewhere.name}/blob?signature=secret` });
  });
  await collect(await connect(server.name, withPassword).fetch(ctx, piece.descriptor), 100);
  const path = `/v2/library/web/blobs/${piece.descriptor.digest}`;
  expect(server.log).toEqual([`GET ${path}`, `GET ${path} +auth`]);
  expect(elsewhere.log).toEqual(["GET /blob?signature=secret"]);
});

test("fetch() keeps the credentials when it is redirected within the registry", async () => {
  const server = await start((request, response, count) => {
    if (request.headers.authorization === undefined) reply(response, 401, { "www-authenticate": 'Basic realm="r"' });
    else if (count === 2) reply(response, 302, { location: "/elsewhere" });
    else response.end(piece.content);
  });
  await collect(await connect(server.name, withPassword).fetch(ctx, piece.descriptor), 100);
  expect(server.log.at(-1)).toBe("GET /elsewhere +auth");
});

test("fetch() fails when redirects lead round in a circle", async () => {
  const server = await start((_, response) => reply(response, 302, { location: "/again" }));
  await expect(connect(server.name).fetch(ctx, piece.descriptor)).rejects.toThrow("more than 10 redirects");
});

test("resolve() names the user's remedy and no secret when the password is wrong", async () => {
  const server = await start((_, response) => reply(response, 401, { "www-authenticate": 'Basic realm="r"' }));
  const failure: unknown = await connect(server.name, withPassword)
    .resolve(ctx, "v1")
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "REGISTRY_UNAUTHORIZED", hint: expect.stringContaining("sealos login") });
  expect(inspect(failure, { depth: 10 })).not.toMatch(/hunter2|YWxpY2U6aHVudGVyMg/);
});

test("RemoteRepository gets one token for many requests, and a new one when it is refused", async () => {
  let issued = 0;
  const tokens: string[] = [];
  const server = await start((request, response, count) => {
    if (request.url?.startsWith("/token")) {
      issued++;
      reply(response, 200, { body: JSON.stringify({ access_token: `token-${issued}`, expires_in: 300 }) });
      return;
    }
    const { authorization = "" } = request.headers;
    tokens.push(authorization);
    const isRevoked = authorization === "Bearer token-1" && count > 5;
    const challenge = `Bearer realm="http://${server.name}/token",service="test",scope="repository:library/web:pull"`;
    if (authorization === "" || isRevoked) reply(response, 401, { "www-authenticate": challenge });
    else response.writeHead(200, manifestHeaders).end();
  });
  const repository = connect(server.name, withPassword);
  for (let request = 0; request < 4; request++) await repository.resolve(ctx, "v1");
  expect(issued).toBe(2);
  expect(server.log.find((line) => line.includes("/token"))).toBe(
    "GET /token?service=test&scope=repository%3Alibrary%2Fweb%3Apull&account=alice +auth",
  );
  expect(new Set(tokens)).toEqual(new Set(["", "Bearer token-1", "Bearer token-2"]));
});

test("RemoteRepository asks for a token without credentials when there are none", async () => {
  const server = await start((request, response) => {
    if (request.url?.startsWith("/token")) reply(response, 200, { body: JSON.stringify({ token: "anonymous" }) });
    else if (request.headers.authorization === "Bearer anonymous") response.writeHead(200, manifestHeaders).end();
    else reply(response, 401, { "www-authenticate": `Bearer realm="http://${server.name}/token"` });
  });
  expect(await connect(server.name).resolve(ctx, "v1")).toEqual(manifest.descriptor);
  expect(server.log[1]).toBe("GET /token?scope=repository%3Alibrary%2Fweb%3Apull");
});

test("RemoteRepository exchanges an identity token without putting it into a URL", async () => {
  let form = "";
  const server = await start((request, response) => {
    if (request.url === "/token") {
      request.on("data", (chunk: Buffer) => (form += chunk.toString()));
      request.once("end", () => reply(response, 200, { body: JSON.stringify({ access_token: "granted" }) }));
    } else if (request.headers.authorization === "Bearer granted") response.writeHead(200, manifestHeaders).end();
    else reply(response, 401, { "www-authenticate": `Bearer realm="http://${server.name}/token",service="test"` });
  });
  const token: Credentials = { kind: "identity-token", token: new Secret("refresh-me") };
  await connect(server.name, { findCredentials: () => Promise.resolve(token) }).resolve(ctx, "v1");
  expect(server.log[1]).toBe("POST /token");
  expect(Object.fromEntries(new URLSearchParams(form))).toEqual({
    service: "test",
    scope: "repository:library/web:pull",
    grant_type: "refresh_token",
    client_id: "sealos",
    refresh_token: "refresh-me",
  });
});

test("resolve() fails when the token server answers without a token", async () => {
  const server = await start((request, response) => {
    if (request.url?.startsWith("/token")) reply(response, 200, { body: "<html>" });
    else reply(response, 401, { "www-authenticate": `Bearer realm="http://${server.name}/token"` });
  });
  await expect(connect(server.name).resolve(ctx, "v1")).rejects.toThrow("answered without a token");
});

test("push() fails with the registry's answer when it is refused before the content is sent", async () => {
  const server = await start((request, response) => {
    if (request.method === "POST") reply(response, 202, { location: "/upload?state=a%2Bb" });
    else reply(response, 413, { body: JSON.stringify({ errors: [{ code: "SIZE_INVALID", message: "too much" }] }) });
  });
  const large = blob(Buffer.alloc(20_000_000));
  await expect(pushBlob(ctx, connect(server.name), large)).rejects.toThrow("answered 413 SIZE_INVALID: too much");
  expect(server.log[1]).toBe(`PUT /upload?state=a%2Bb&digest=${encodeURIComponent(large.descriptor.digest)}`);
});

test("copyGraph() sends a blob again when its connection broke and it may retry", async () => {
  const from = new MemoryStore();
  await pushBlob(ctx, from, piece);
  let uploads = 0;
  const server = await start((request, response) => {
    if (request.method === "HEAD") reply(response, 404);
    else if (request.method === "POST") reply(response, 202, { location: "/upload" });
    else if (request.method === "GET") reply(response, 204);
    else if (request.method === "PATCH")
      request.resume().once("end", () => reply(response, 202, { location: "/upload" }));
    else if (++uploads === 1) response.destroy();
    else request.resume().once("end", () => reply(response, 201));
  });
  const retry = { ...BLOB_RETRY, firstDelayMs: 1 };
  await copyGraph(ctx, { from, to: connect(server.name), root: piece.descriptor }, { retry });
  expect(uploads).toBe(2);
});

test("push() of a manifest fails when the registry stores something else", async () => {
  const server = await start((request, response) => {
    request.resume().once("end", () => reply(response, 201, { "docker-content-digest": piece.descriptor.digest }));
  });
  const push = connect(server.name).push(ctx, manifest.descriptor, bytesOf(manifest.content));
  await expect(push).rejects.toMatchObject({ code: "INTEGRITY" });
});

test("RemoteRepository keeps its connections when requests follow each other", async () => {
  const sockets = new Set<unknown>();
  const server = await start((request, response) => {
    sockets.add(request.socket);
    response.writeHead(200, { "content-length": "10000000" }).end();
  });
  const repository = connect(server.name);
  for (let request = 0; request < 5; request++) await repository.has(ctx, piece.descriptor);
  expect(sockets.size).toBeLessThanOrEqual(2); // the probe may still hold the first one
});

test("resolve() fails with REGISTRY_UNREACHABLE when nothing listens", async () => {
  const server = await startScriptedRegistry(() => undefined);
  await server.close();
  await expect(connect(server.name).resolve(ctx, "v1")).rejects.toMatchObject({
    code: "REGISTRY_UNREACHABLE",
    message: `Cannot pull "${server.name}/library/web:v1": no connection to "${server.name}": connection refused`,
  });
});
