import { describe, expect, test } from "vitest";

import { bytesOf, collect, type Bytes } from "../../../src/base/bytes.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import type { Descriptor } from "../../../src/oci/descriptor.ts";
import { isImageIndex, parseManifest } from "../../../src/oci/manifest.ts";
import { MEDIA_TYPES } from "../../../src/oci/media-type.ts";
import type { ApiResponse } from "../../../src/registry/server/api.ts";
import { createRegistry, type RegistryServerOptions } from "../../../src/registry/server/registry.ts";
import { RegistryFolder } from "../../../src/registry/storage/filesystem.ts";
import { MemoryRegistry } from "../../../src/registry/storage/memory.ts";
import type { RegistryStorage } from "../../../src/registry/storage/storage.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { blob, document, pushBlob, pushImage, testImage, testIndex, type Blob } from "../../support/test-image.ts";

const ctx = backgroundContext();
const at = useTemporaryFolder();
const piece = blob("0123456789");
const { digest } = piece.descriptor;

interface Call {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Bytes;
}

interface OpenRegistry {
  readonly storage: RegistryStorage;
  readonly ask: (method: string, target: string, call?: Call) => Promise<ApiResponse>;
}

function openOver(storage: RegistryStorage, options: RegistryServerOptions): OpenRegistry {
  const handler = createRegistry(storage, options);
  return {
    storage,
    ask(method, target, { headers = {}, body = "" } = {}) {
      const [path = "", query = ""] = target.split("?");
      const content = typeof body === "string" || body instanceof Uint8Array ? bytesOf(body) : body;
      return handler(ctx, { method, path, query: new URLSearchParams(query), headers, body: content });
    },
  };
}

async function textOf({ body }: ApiResponse): Promise<string> {
  if (body === undefined) return "";
  return Buffer.from(body instanceof Uint8Array ? body : await collect(body.content, 10_000)).toString();
}

async function manifestsOf(response: ApiResponse): Promise<readonly Descriptor[]> {
  const document = parseManifest(Buffer.from(await textOf(response)));
  return isImageIndex(document) ? document.manifests : [];
}

function putManifest(ask: OpenRegistry["ask"], name: string, { content, descriptor }: Blob) {
  const headers = { "content-type": descriptor.mediaType };
  return ask("PUT", `/v2/web/manifests/${name}`, { headers, body: content });
}

async function errorOf(response: ApiResponse): Promise<readonly [number, unknown]> {
  const { errors } = JSON.parse(await textOf(response)) as { errors: readonly { code: string }[] };
  return [response.status, errors[0]?.code];
}

const storages: readonly (readonly [string, () => RegistryStorage])[] = [
  ["a folder", () => new RegistryFolder(at())],
  ["memory", () => new MemoryRegistry({ limitBytes: 20_000_000 })],
];

describe.each(storages)("createRegistry() over %s", (_, openStorage) => {
  const open = (options: RegistryServerOptions = {}): OpenRegistry => openOver(openStorage(), options);

  test("an upload in chunks becomes a blob when each begins where the last one ended", async () => {
    const { ask } = open();
    const started = await ask("POST", "/v2/web/blobs/uploads/");
    const location = String(started.headers["location"]);
    expect([started.status, started.headers["range"]]).toEqual([202, "0-0"]);

    const first = await ask("PATCH", location, { headers: { "content-range": "0-4" }, body: "01234" });
    expect([first.status, first.headers["range"]]).toEqual([202, "0-4"]);
    const repeated = await ask("PATCH", location, { headers: { "content-range": "0-4" }, body: "01234" });
    expect([repeated.status, repeated.headers["range"]]).toEqual([416, "0-4"]);
    const asked = await ask("GET", location);
    expect([asked.status, asked.headers["range"]]).toEqual([204, "0-4"]);

    const end = { headers: { "content-range": "5-9" }, body: "56789" };
    const finished = await ask("PUT", `${location}?digest=${digest}`, end);
    expect([finished.status, finished.headers["docker-content-digest"]]).toEqual([201, digest]);
    expect(await textOf(await ask("GET", `/v2/web/blobs/${digest}`))).toBe("0123456789");
    expect(await errorOf(await ask("GET", location))).toEqual([404, "BLOB_UPLOAD_UNKNOWN"]);
  });

  test("an upload can be sent whole with its beginning", async () => {
    const { ask } = open();
    expect((await ask("POST", `/v2/web/blobs/uploads/?digest=${digest}`, { body: "0123456789" })).status).toBe(201);
    expect((await ask("HEAD", `/v2/web/blobs/${digest}`)).status).toBe(200);
  });

  test("an upload is not a blob when its digest is wrong, unknown or missing", async () => {
    const { ask } = open();
    const location = async (): Promise<string> =>
      String((await ask("POST", "/v2/web/blobs/uploads/")).headers["location"]);
    const body = "other content";
    expect(await errorOf(await ask("PUT", `${await location()}?digest=${digest}`, { body }))).toEqual([
      400,
      "DIGEST_INVALID",
    ]);
    expect(await errorOf(await ask("PUT", `${await location()}?digest=md5:abc`, { body }))).toEqual([
      400,
      "DIGEST_INVALID",
    ]);
    expect(await errorOf(await ask("PUT", await location(), { body }))).toEqual([400, "DIGEST_INVALID"]);
    expect((await ask("HEAD", `/v2/web/blobs/${digest}`)).status).toBe(404);
  });

  test("an upload that is cut off leaves no blob and can go on", async () => {
    const { ask } = open();
    const location = String((await ask("POST", "/v2/web/blobs/uploads/")).headers["location"]);
    await expect(ask("PATCH", location, { body: cutOff("01234") })).rejects.toThrow("the client is gone");
    expect((await ask("HEAD", `/v2/web/blobs/${digest}`)).status).toBe(404);
    expect((await ask("GET", location)).headers["range"]).toBe("0-4");
    expect((await ask("PUT", `${location}?digest=${digest}`, { body: "56789" })).status).toBe(201);
  });

  test("an upload that is cancelled is gone", async () => {
    const { ask } = open();
    const location = String((await ask("POST", "/v2/web/blobs/uploads/")).headers["location"]);
    expect((await ask("DELETE", location)).status).toBe(204);
    expect((await ask("GET", location)).status).toBe(404);
  });

  test("an upload of one repository is not one of another", async () => {
    const { ask } = open();
    const location = String((await ask("POST", "/v2/web/blobs/uploads/")).headers["location"]);
    expect((await ask("GET", location.replace("/web/", "/other/"))).status).toBe(404);
  });

  test("a blob is served in the range that is asked for", async () => {
    const { ask, storage } = open();
    await pushBlob(ctx, storage.repository("web"), piece);
    const part = await ask("GET", `/v2/web/blobs/${digest}`, { headers: { range: "bytes=3-5" } });
    expect([part.status, part.headers["content-range"], await textOf(part)]).toEqual([206, "bytes 3-5/10", "345"]);
    const outside = await ask("GET", `/v2/web/blobs/${digest}`, { headers: { range: "bytes=10-" } });
    expect([outside.status, outside.headers["content-range"]]).toEqual([416, "bytes */10"]);
  });

  test("a manifest is served whatever the client accepts", async () => {
    const { ask, storage } = open();
    const image = testImage("layer");
    for (const part of image.blobs) await pushBlob(ctx, storage.repository("web"), part);
    const put = await putManifest(ask, "v1", image.manifest);
    expect([put.status, put.headers["docker-content-digest"]]).toEqual([201, image.manifest.descriptor.digest]);
    const got = await ask("GET", "/v2/web/manifests/v1", { headers: { accept: "text/plain" } });
    expect([got.status, got.headers["content-type"]]).toEqual([200, MEDIA_TYPES.ociManifest]);
    expect(await textOf(got)).toBe(Buffer.from(image.manifest.content).toString());
  });

  test("a manifest is refused when it is malformed, too large, of another digest or not whole", async () => {
    const { ask } = open();
    const { manifest } = testImage("never pushed");
    expect(await errorOf(await putManifest(ask, "v1", blob("{}", MEDIA_TYPES.ociManifest)))).toEqual([
      400,
      "MANIFEST_INVALID",
    ]);
    const mistyped = { ...manifest, descriptor: { ...manifest.descriptor, mediaType: MEDIA_TYPES.ociIndex } };
    expect(await errorOf(await putManifest(ask, "v1", mistyped))).toEqual([400, "MANIFEST_INVALID"]);
    const large = blob(Buffer.alloc(4 * 1024 * 1024 + 1, " "), MEDIA_TYPES.ociManifest);
    expect(await errorOf(await putManifest(ask, "v1", large))).toEqual([413, "SIZE_INVALID"]);
    expect(await errorOf(await putManifest(ask, digest, manifest))).toEqual([400, "DIGEST_INVALID"]);
    expect(await errorOf(await putManifest(ask, "v1", manifest))).toEqual([404, "MANIFEST_BLOB_UNKNOWN"]);
    expect(await errorOf(await ask("GET", "/v2/web/tags/list"))).toEqual([404, "NAME_UNKNOWN"]);
  });

  test("a manifest that is pushed by its digest gets the tags of the query", async () => {
    const { ask } = open();
    const { content, descriptor } = testIndex();
    const path = `/v2/web/manifests/${descriptor.digest}`;
    const put = await ask("PUT", `${path}?tag=v1&tag=v1.2`, { body: content });
    expect([put.status, put.headers["oci-tag"]]).toEqual([201, "v1, v1.2"]);
    expect(JSON.parse(await textOf(await ask("GET", "/v2/web/tags/list")))).toEqual({
      name: "web",
      tags: ["v1", "v1.2"],
    });
    expect(await errorOf(await ask("PUT", `${path}?tag=..`, { body: content }))).toEqual([400, "TAG_INVALID"]);
  });

  test("an index may list images that are not there", async () => {
    const { ask } = open();
    expect((await putManifest(ask, "v1", testIndex(testImage("elsewhere").manifest))).status).toBe(201);
  });

  test("referrers are what names a subject, filtered by type, also when another program wrote them", async () => {
    const { ask, storage } = open();
    const repository = storage.repository("web");
    const image = testImage("layer");
    await pushImage(ctx, repository, image);
    const subject = image.manifest.descriptor;
    const signature = document(MEDIA_TYPES.ociIndex, { artifactType: "test/signature", subject, manifests: [] });
    const bill = document(MEDIA_TYPES.ociIndex, {
      artifactType: "test/bill",
      subject,
      manifests: [],
      annotations: { a: "b" },
    });
    expect((await putManifest(ask, signature.descriptor.digest, signature)).headers["oci-subject"]).toBe(
      subject.digest,
    );
    await pushBlob(ctx, repository, bill);

    const all = await manifestsOf(await ask("GET", `/v2/web/referrers/${subject.digest}`));
    const filtered = await ask("GET", `/v2/web/referrers/${subject.digest}?artifactType=test/bill`);

    expect(all.map((descriptor) => descriptor.digest).sort()).toEqual(
      [signature.descriptor.digest, bill.descriptor.digest].sort(),
    );
    expect(filtered.headers["oci-filters-applied"]).toBe("artifactType");
    expect(await manifestsOf(filtered)).toEqual([
      { ...bill.descriptor, artifactType: "test/bill", annotations: { a: "b" } },
    ]);
  });

  test("referrers of something unknown are an empty index", async () => {
    const { ask } = open();
    const response = await ask("GET", `/v2/web/referrers/${digest}`);
    expect([response.status, await manifestsOf(response)]).toEqual([200, []]);
  });

  test("deleting a manifest, a tag and a blob removes just that", async () => {
    const { ask, storage } = open();
    const image = testImage("layer");
    await pushImage(ctx, storage.repository("web"), image);
    await storage.repository("web").tag(ctx, image.manifest.descriptor, "v1");
    expect((await ask("DELETE", "/v2/web/manifests/v1")).status).toBe(202);
    expect((await ask("DELETE", "/v2/web/manifests/v1")).status).toBe(404);
    const manifest = `/v2/web/manifests/${image.manifest.descriptor.digest}`;
    expect((await ask("HEAD", manifest)).status).toBe(200);
    expect((await ask("DELETE", manifest)).status).toBe(202);
    expect((await ask("HEAD", manifest)).status).toBe(404);
    const layer = `/v2/web/blobs/${image.blobs[0]?.descriptor.digest}`;
    expect((await ask("DELETE", layer)).status).toBe(202);
    expect((await ask("DELETE", layer)).status).toBe(404);
  });

  test("a read-only registry refuses every change and serves the rest", async () => {
    const { ask, storage } = open({ isReadOnly: true });
    await pushBlob(ctx, storage.repository("web"), piece);
    for (const [method, path] of [
      ["POST", "/v2/web/blobs/uploads/"],
      ["PUT", "/v2/web/manifests/v1"],
      ["DELETE", `/v2/web/blobs/${digest}`],
    ] as const) {
      expect(await errorOf(await ask(method, path))).toEqual([405, "UNSUPPORTED"]);
    }
    expect((await ask("GET", `/v2/web/blobs/${digest}`)).status).toBe(200);
  });

  test.each([
    ["GET", "/", 404],
    ["GET", "/v2/web", 404],
    ["POST", "/v2/web/tags/list", 405],
    ["PUT", "/v2/web/blobs/uploads/", 405],
    ["TRACE", "/v2/_catalog", 405],
    ["GET", "/v2/../../etc/passwd/manifests/x", 400],
  ])("%s %s is refused with %i", async (method, path, status) => {
    expect((await open().ask(method, path)).status).toBe(status);
  });
});

async function* cutOff(start: string): Bytes {
  yield Buffer.from(start);
  throw new Error("the client is gone");
}
