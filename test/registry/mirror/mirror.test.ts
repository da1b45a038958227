import { expect, test } from "vitest";

import { bytesOf, collect, type Bytes } from "../../../src/base/bytes.ts";
import type { Context } from "../../../src/base/context.ts";
import { RegistryError } from "../../../src/registry/client/errors.ts";
import { createMirror } from "../../../src/registry/mirror/mirror.ts";
import type { ApiResponse } from "../../../src/registry/server/api.ts";
import { MemoryRegistry } from "../../../src/registry/storage/memory.ts";
import { blob, pushBlob, pushImage, testImage, testIndex } from "../../support/test-image.ts";
import { ctx, recordedUpstream, type RecordedUpstreamOptions } from "./recorded-upstream.ts";

const image = testImage("layer");
const { digest } = image.manifest.descriptor;
const piece = blob("0123456789");

function open(options: RecordedUpstreamOptions = {}) {
  const origin = recordedUpstream(options);
  const storage = new MemoryRegistry({ limitBytes: 100_000_000 });
  const clock = { nowMs: 0 };
  const warnings: string[] = [];
  const mirror = createMirror(ctx, {
    storage,
    registries: [{ upstream: origin.upstream, namespace: undefined }],
    tagTtlMs: 1000,
    nowMs: () => clock.nowMs,
    warn: (message) => void warnings.push(message),
  });
  const ask = (method: string, target: string, inner: Context = ctx, headers = {}): Promise<ApiResponse> => {
    const [path = "", query = ""] = target.split("?");
    return mirror(inner, { method, path, query: new URLSearchParams(query), headers, body: bytesOf("") });
  };
  return { ...origin, origin: origin.storage.repository("web"), kept: storage.repository("web"), clock, warnings, ask };
}

async function textOf({ body }: ApiResponse): Promise<string> {
  if (body === undefined) return "";
  return Buffer.from(body instanceof Uint8Array ? body : await collect(body.content, 10_000)).toString();
}

function unreachable(): never {
  throw new RegistryError("REGISTRY_UNREACHABLE", "Cannot pull: connection refused", { isTransient: true });
}

test("a manifest and its blobs are fetched once and served from then on", async () => {
  const { ask, origin, log } = open();
  await pushImage(ctx, origin, image);
  const layer = image.blobs[1]?.descriptor.digest;
  for (let count = 0; count < 2; count++) {
    expect(await textOf(await ask("GET", `/v2/web/manifests/${digest}`))).toBe(String(image.manifest.content));
    expect(await textOf(await ask("GET", `/v2/web/blobs/${layer}`))).toBe("layer");
  }
  expect(log).toEqual([`resolve web ${digest}`, `fetch web ${digest}`, `fetch web ${layer}`]);
});

test("a tag is asked for again when its time is over", async () => {
  const { ask, origin, clock, log } = open();
  const [one, two] = [testIndex(), testIndex(image.manifest)];
  for (const index of [one, two]) await pushBlob(ctx, origin, index);
  const served = async (): Promise<string | undefined> =>
    (await ask("HEAD", "/v2/web/manifests/v1")).headers["docker-content-digest"];

  await origin.tag(ctx, one.descriptor, "v1");
  expect(await served()).toBe(one.descriptor.digest);
  await origin.tag(ctx, two.descriptor, "v1");
  clock.nowMs = 999;
  expect(await served()).toBe(one.descriptor.digest);
  clock.nowMs = 1000;
  expect(await served()).toBe(two.descriptor.digest);
  expect(log.filter((line) => line.startsWith("resolve"))).toEqual(["resolve web v1", "resolve web v1"]);
});

test("what is kept is served when the upstream does not answer, and it is not asked each time", async () => {
  let isDown = false;
  const { ask, origin, clock, log, warnings } = open({ before: () => (isDown ? unreachable() : undefined) });
  await pushImage(ctx, origin, image);
  await origin.tag(ctx, image.manifest.descriptor, "v1");
  expect((await ask("GET", "/v2/web/manifests/v1")).status).toBe(200);
  isDown = true;
  clock.nowMs = 5000;
  for (let count = 0; count < 3; count++) expect((await ask("GET", "/v2/web/manifests/v1")).status).toBe(200);
  expect(JSON.parse(await textOf(await ask("GET", "/v2/web/tags/list")))).toEqual({ name: "web", tags: ["v1"] });
  expect(log.filter((line) => line === "resolve web v1")).toHaveLength(2);
  expect(warnings).toEqual(["Serving what is kept: Cannot pull: connection refused"]);
  isDown = false;
  clock.nowMs = 30_000;
  await ask("GET", "/v2/web/manifests/v1");
  expect(log.filter((line) => line === "resolve web v1")).toHaveLength(3);
});

test("a tag that is not kept is absent while the upstream of a repository that is kept does not answer", async () => {
  let isDown = false;
  const { ask, origin, log } = open({ before: () => (isDown ? unreachable() : undefined) });
  await pushImage(ctx, origin, image);
  expect((await ask("GET", `/v2/web/manifests/${digest}`)).status).toBe(200);
  isDown = true;
  for (const tag of ["a", "b"]) expect((await ask("HEAD", `/v2/web/manifests/${tag}`)).status).toBe(404);
  expect(log.filter((line) => /^resolve web [ab]$/.test(line))).toEqual(["resolve web a"]);
  expect((await ask("HEAD", "/v2/other/manifests/a")).status).toBe(502);
});

test("many clients that want one blob at once share one download, at the speed of the upstream", async () => {
  const first = Promise.withResolvers<void>();
  const rest = Promise.withResolvers<void>();
  const { ask, origin, kept, log } = open({ transform: () => inPieces([first.promise, rest.promise]) });
  await pushBlob(ctx, origin, piece);
  const responses = await Promise.all([0, 1, 2].map(() => ask("GET", `/v2/web/blobs/${piece.descriptor.digest}`)));
  const readers = responses.map(({ body }) => iteratorOf(body));
  first.resolve();
  const beginnings = await Promise.all(readers.map((reader) => reader.next()));
  expect(beginnings.map(({ value }) => String(value))).toEqual(["01", "01", "01"]);
  rest.resolve();
  const ends = await Promise.all(readers.map((reader) => collect(reader, 100)));
  expect(ends.map(String)).toEqual(["23456789", "23456789", "23456789"]);
  expect(log.filter((line) => line.startsWith("fetch"))).toHaveLength(1);
  expect(await kept.findBlob(piece.descriptor.digest)).toMatchObject({ sizeBytes: 10 });
});

test("a download goes on when the client that began it is gone", async () => {
  const rest = Promise.withResolvers<void>();
  const { ask, origin, log } = open({ transform: () => inPieces([Promise.resolve(), rest.promise]) });
  await pushBlob(ctx, origin, piece);
  const client = new AbortController();
  const path = `/v2/web/blobs/${piece.descriptor.digest}`;
  const reader = iteratorOf((await ask("GET", path, { ...ctx, signal: client.signal })).body);
  await reader.next();
  client.abort(new Error("gone"));
  await expect(reader.next()).rejects.toThrow("gone");
  const second = ask("GET", path);
  rest.resolve();
  expect(await textOf(await second)).toBe("0123456789");
  expect(log.filter((line) => line.startsWith("fetch"))).toHaveLength(1);
});

test("the last bytes of a blob that is not what it should be are not served, and nothing is kept", async () => {
  const { ask, origin, kept } = open({ transform: () => bytesOfMany(["01234", "x6789"]) });
  await pushBlob(ctx, origin, piece);
  const { body } = await ask("GET", `/v2/web/blobs/${piece.descriptor.digest}`);
  const seen: string[] = [];
  const reading = (async () => {
    for await (const part of iteratorOf(body)) seen.push(String(part));
  })();
  await expect(reading).rejects.toMatchObject({ code: "INTEGRITY" });
  expect(seen).toEqual(["01234"]);
  expect(await kept.findBlob(piece.descriptor.digest)).toBeUndefined();
});

test("a part of a blob that is not here is served, and the whole blob is kept", async () => {
  const { ask, origin, kept } = open();
  await pushBlob(ctx, origin, piece);
  const part = await ask("GET", `/v2/web/blobs/${piece.descriptor.digest}`, ctx, { range: "bytes=3-5" });
  expect([part.status, part.headers["content-range"], await textOf(part)]).toEqual([206, "bytes 3-5/10", "345"]);
  await expect.poll(() => kept.findBlob(piece.descriptor.digest)).toMatchObject({ sizeBytes: 10 });
});

test("HEAD of a blob that is not here says its size without fetching it", async () => {
  const { ask, origin, log } = open();
  await pushBlob(ctx, origin, piece);
  const { status, body } = await ask("HEAD", `/v2/web/blobs/${piece.descriptor.digest}`);
  expect([status, body]).toMatchObject([200, { sizeBytes: 10 }]);
  expect(log).toEqual([`size web ${piece.descriptor.digest}`]);
});

test.each([
  ["POST", "/v2/web/blobs/uploads/", 405],
  ["PUT", "/v2/web/manifests/v1", 405],
  ["DELETE", `/v2/web/manifests/${digest}`, 405],
  ["GET", "/v2/web/blobs/uploads/some-id", 405],
  ["GET", "/v2/web/manifests/absent", 404],
  ["GET", `/v2/web/blobs/${digest}`, 404],
  ["GET", "/v2/web/manifests/v1?ns=ghcr.io", 404],
  ["GET", "/v2/web/tags/list", 404],
  ["GET", "/v2/../etc/passwd", 404],
  ["GET", "/v2/", 200],
  ["GET", "/v2/_catalog", 200],
])("%s %s is answered with %i", async (method, target, status) => {
  expect((await open().ask(method, target)).status).toBe(status);
});

test.each([
  [401, 403],
  [403, 403],
  [429, 429],
  [500, 502],
  [undefined, 502],
])("an upstream that answers %s is shown as %i when nothing is kept", async (status, shown) => {
  const { ask } = open({
    before() {
      throw new RegistryError("REGISTRY_STATUS", "Cannot pull: no", { status, retryAfterMs: 1500 });
    },
  });
  const response = await ask("GET", "/v2/web/manifests/v1");
  expect(response.status).toBe(shown);
  expect(response.headers["retry-after"]).toBe(shown === 429 ? "2" : undefined);
});

function iteratorOf(body: ApiResponse["body"]): AsyncIterator<Uint8Array> & Bytes {
  if (body === undefined || body instanceof Uint8Array) throw new Error("no stream");
  const iterator = body.content[Symbol.asyncIterator]();
  return { next: () => iterator.next(), [Symbol.asyncIterator]: () => iterator };
}

/** The content of `piece`, each part when its time has come. */
async function* inPieces([first, rest]: readonly Promise<void>[]): Bytes {
  await first;
  yield Buffer.from("01");
  yield Buffer.from("234");
  await rest;
  yield Buffer.from("56789");
}

async function* bytesOfMany(texts: readonly string[]): Bytes {
  for (const text of texts) yield Buffer.from(text);
}
