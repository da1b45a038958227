import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

import { backgroundContext, type Context } from "../../../src/base/context.ts";
import { Progress } from "../../../src/base/progress.ts";
import { fetchFile } from "../../../src/sources/fetch-file.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { serveFiles, stalled, status, unusedUrl, whole } from "./file-server.ts";

const folder = useTemporaryFolder();
const ctx = backgroundContext();
const CONTENT = randomBytes(300_000);
const SHA256 = createHash("sha256").update(CONTENT).digest("hex");
const POLICY = { attempts: 3, firstDelayMs: 1, idleMs: 10_000 };

function fetchTo(url: string, change: { sha256?: string; limitBytes?: number; idleMs?: number } = {}): Promise<void> {
  const { sha256 = SHA256, limitBytes = 1_000_000, idleMs = POLICY.idleMs } = change;
  const destination = folder("file");
  return fetchFile(ctx, { url, sha256, limitBytes }, { destination, policy: { ...POLICY, idleMs } });
}

test("fetchFile() fetches a good file with one request", async () => {
  const { url, requests } = await serveFiles({ "/f": whole(CONTENT) });
  await fetchTo(`${url}/f`);
  expect(readFileSync(folder("file")).equals(CONTENT)).toBe(true);
  expect(requests).toEqual(["GET /f"]);
});

test("fetchFile() follows redirects", async () => {
  const { url } = await serveFiles({
    "/f": (_, response) => void response.writeHead(302, { location: "/real" }).end(),
    "/real": whole(CONTENT),
  });
  await fetchTo(`${url}/f`);
  expect(readFileSync(folder("file")).equals(CONTENT)).toBe(true);
});

test("fetchFile() refuses a wrong hash at once, asks nobody again and keeps nothing", async () => {
  const { url, requests } = await serveFiles({ "/f": whole(Buffer.from("something else")) });
  await expect(fetchTo(`${url}/f`)).rejects.toMatchObject({
    code: "INTEGRITY",
    message: expect.stringContaining(`expected sha256 ${SHA256}, received `),
  });
  expect(requests).toEqual(["GET /f"]);
  expect(existsSync(folder("file"))).toBe(false);
});

/** A context that calls `onSize` whenever the file on the disk has grown. */
function watching(onSize: (sizeBytes: number) => void): Context {
  const root = Progress.root(
    (event) => {
      if (event.type === "advanced") onSize(event.current);
    },
    () => 0,
  );
  return { ...ctx, progress: root.start("fetch") };
}

test("fetchFile() continues where a connection broke off", async () => {
  const etag = { etag: '"1"' };
  const server = await serveFiles({
    "/f": [stalled(CONTENT, 100_000, etag), stalled(CONTENT, 50_000, etag), whole(CONTENT, etag)],
  });
  const breaking = watching((size) => {
    if (size === 100_000 || size === 150_000) server.breakConnections();
  });
  const request = { url: `${server.url}/f`, sha256: SHA256, limitBytes: 1_000_000 };
  await fetchFile(breaking, request, { destination: folder("file"), policy: POLICY });
  expect(readFileSync(folder("file")).equals(CONTENT)).toBe(true);
  expect(server.requests).toEqual(["GET /f", "GET /f bytes=100000-", "GET /f bytes=150000-"]);
});

test("fetchFile() continues what an earlier process left", async () => {
  writeFileSync(folder("file"), CONTENT.subarray(0, 200_000));
  const { url, requests } = await serveFiles({ "/f": whole(CONTENT) });
  await fetchTo(`${url}/f`);
  expect(readFileSync(folder("file")).equals(CONTENT)).toBe(true);
  expect(requests).toEqual(["GET /f bytes=200000-"]);
});

test("fetchFile() takes a file that is complete already without fetching it again", async () => {
  writeFileSync(folder("file"), CONTENT);
  const { url, requests } = await serveFiles({ "/f": whole(CONTENT) });
  await fetchTo(`${url}/f`);
  expect(requests).toEqual(["GET /f bytes=300000-"]);
});

test("fetchFile() starts again when the server knows no ranges", async () => {
  writeFileSync(folder("file"), Buffer.alloc(400_000));
  const { url } = await serveFiles({ "/f": (_, response) => void response.writeHead(200).end(CONTENT) });
  await fetchTo(`${url}/f`);
  expect(readFileSync(folder("file")).equals(CONTENT)).toBe(true);
});

test("fetchFile() says what is missing when the file has vanished, without trying again", async () => {
  const { url, requests } = await serveFiles({});
  await expect(fetchTo(`${url}/gone`)).rejects.toMatchObject({
    code: "FETCH_NOT_FOUND",
    message: `Cannot fetch "${url}/gone": the server answers 404 Not Found`,
  });
  expect(requests).toEqual(["GET /gone"]);
});

test("fetchFile() keeps the part and says so when the file vanishes in the middle", async () => {
  const server = await serveFiles({ "/f": [stalled(CONTENT, 100_000), status(404)] });
  const breaking = watching((size) => {
    if (size === 100_000) server.breakConnections();
  });
  const request = { url: `${server.url}/f`, sha256: SHA256, limitBytes: 1_000_000 };
  const fetching = fetchFile(breaking, request, { destination: folder("file"), policy: POLICY });
  await expect(fetching).rejects.toMatchObject({ code: "FETCH_NOT_FOUND" });
  expect(readFileSync(folder("file")).equals(CONTENT.subarray(0, 100_000))).toBe(true);
});

test("fetchFile() tries again when the server is busy, and gives up after the last attempt", async () => {
  const { url, requests } = await serveFiles({ "/f": [status(503), whole(CONTENT)], "/busy": status(503) });
  await fetchTo(`${url}/f`);
  await expect(fetchTo(`${url}/busy`)).rejects.toMatchObject({ code: "FETCH_STATUS" });
  expect(requests.filter((request) => request.startsWith("GET /busy"))).toHaveLength(3);
});

test("fetchFile() gives up on a server that falls silent", async () => {
  const { url } = await serveFiles({ "/f": stalled(CONTENT, 1000) });
  await expect(fetchTo(`${url}/f`, { idleMs: 50 })).rejects.toMatchObject({
    code: "FETCH_UNREACHABLE",
    message: expect.stringContaining("nothing came for 0.05 s"),
  });
});

test("fetchFile() refuses a file that is too large by what the server announces", async () => {
  const { url } = await serveFiles({ "/f": whole(CONTENT) });
  await expect(fetchTo(`${url}/f`, { limitBytes: 299_999 })).rejects.toMatchObject({
    code: "FETCH_TOO_LARGE",
    message: `Cannot fetch "${url}/f": it is larger than 300 kB`,
  });
  expect(existsSync(folder("file"))).toBe(false);
});

test("fetchFile() refuses a file that is too large although the server announces nothing", async () => {
  const { url } = await serveFiles({ "/f": (_, response) => void response.writeHead(200).end(CONTENT) });
  await expect(fetchTo(`${url}/f`, { limitBytes: 1000 })).rejects.toMatchObject({ code: "FETCH_TOO_LARGE" });
});

test("fetchFile() names the reason when nobody listens", async () => {
  const url = await unusedUrl();
  await expect(fetchTo(`${url}/f`)).rejects.toMatchObject({
    code: "FETCH_UNREACHABLE",
    message: expect.stringMatching(/^Cannot fetch "http:.*\/f": connect ECONNREFUSED /),
  });
});

test("fetchFile() stops as soon as the run is cancelled", async () => {
  const { url } = await serveFiles({ "/f": stalled(CONTENT, 1000) });
  const controller = new AbortController();
  const cancelled = { ...ctx, signal: controller.signal };
  const request = { url: `${url}/f`, sha256: SHA256, limitBytes: 1_000_000 };
  const fetching = fetchFile(cancelled, request, { destination: folder("file"), policy: POLICY });
  controller.abort(new Error("interrupted"));
  await expect(fetching).rejects.toThrow("interrupted");
});

test("fetchFile() reads file: URLs, also the rest of one", async () => {
  writeFileSync(folder("source"), CONTENT);
  writeFileSync(folder("file"), CONTENT.subarray(0, 1000));
  await fetchTo(pathToFileURL(folder("source")).href);
  expect(readFileSync(folder("file")).equals(CONTENT)).toBe(true);
  await expect(fetchTo(pathToFileURL(folder("nothing")).href)).rejects.toMatchObject({ code: "FETCH_NOT_FOUND" });
});
