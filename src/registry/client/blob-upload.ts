import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { verified } from "../../oci/verify.ts";
import type { Access } from "./authenticator.ts";
import { ByteQueue } from "./byte-queue.ts";
import { RegistryError } from "./errors.ts";
import type { HttpResponse } from "./http.ts";
import type { RegistryRequest, RemoteRegistry } from "./remote-registry.ts";

export interface BlobUpload {
  readonly repository: string;
  readonly access: Access;
  readonly expected: Descriptor;
  readonly content: Bytes;
  /** A repository of the same registry that has the blob. */
  readonly mountFrom: string | undefined;
}

/** Where the rest of a blob is sent to. */
interface Session {
  readonly location: URL;
  readonly offset: number;
}

/** What a broken connection costs at most: registries that lose a cut request keep the chunks before it. */
const CHUNK_BYTES = 32 * 1024 * 1024;

/** The registry has forgotten the upload, still waits for a client that is gone, or has other bytes than it said. */
const CONFUSED: readonly number[] = [404, 409, 416];

/** How often an upload is tried on that the registry is confused about; then the blob is sent anew. */
const PATIENCE = 4;

/**
 * Mounts a blob from another repository, or sends it in one request of known length, the fastest way. An upload that
 * was cut off, also one of another process, goes on where the registry has it, and then in chunks.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#push
 * @throws {RegistryError} a transient one where the same content can be sent again.
 */
export async function uploadBlob(ctx: Context, registry: RemoteRegistry, upload: BlobUpload): Promise<void> {
  const { sessions } = registry;
  const key = { registry: registry.name, repository: upload.repository, expected: upload.expected };
  const cutOff = await sessions.take(key);
  const found = cutOff && (await findSession(ctx, registry, { upload, location: cutOff }));
  const session = found ?? (await startUpload(ctx, registry, upload));
  if (!session) return sessions.forget(key);
  await sessions.keep(key, session.location);
  const send = cutOff ? sendChunks : sendWhole;
  try {
    await send(ctx, registry, { upload, session, keep: (location) => sessions.keep(key, location) });
  } catch (error) {
    const cuts = await sessions.release(key);
    if (!(error instanceof RegistryError) || !CONFUSED.includes(error.status ?? 0)) throw error;
    if (error.status === 404 || cuts >= PATIENCE) await sessions.forget(key);
    const { message, status, hint, cause } = error;
    throw new RegistryError("REGISTRY_UPLOAD_LOST", message, { status, hint, cause, isTransient: true });
  }
  await sessions.forget(key);
}

interface Sending {
  readonly upload: BlobUpload;
  readonly session: Session;
  readonly keep: (location: URL) => Promise<void>;
}

async function sendWhole(ctx: Context, registry: RemoteRegistry, { upload, session }: Sending): Promise<void> {
  const { expected, access, content } = upload;
  const body = { sizeBytes: expected.size, content: verified(content, expected) };
  await finish(ctx, registry, { location: session.location, expected, access, body });
}

async function sendChunks(ctx: Context, registry: RemoteRegistry, { upload, session, keep }: Sending): Promise<void> {
  const { expected, access } = upload;
  let { location } = session;
  const queue = new ByteQueue(verified(upload.content, expected));
  try {
    await queue.skip(session.offset);
    for (let offset = session.offset; offset < expected.size;) {
      const sizeBytes = Math.min(CHUNK_BYTES, expected.size - offset);
      const response = await registry.send(ctx, {
        method: "PATCH",
        target: location,
        headers: { ...BINARY, "content-range": `${offset}-${offset + sizeBytes - 1}` },
        body: { sizeBytes, content: queue.take(sizeBytes) },
        access,
        expect: [202],
      });
      response.discard();
      location = locationOf(response, access.purpose);
      await keep(location);
      offset += sizeBytes;
    }
    await queue.end();
  } finally {
    await queue.close();
  }
  await finish(ctx, registry, { location, expected, access });
}

const BINARY = { "content-type": "application/octet-stream" };

async function finish(
  ctx: Context,
  registry: RemoteRegistry,
  {
    location,
    expected,
    ...request
  }: Pick<RegistryRequest, "access" | "body"> & { location: URL; expected: Descriptor },
): Promise<void> {
  const target = withDigest(location, expected);
  const response = await registry.send(ctx, { method: "PUT", target, headers: BINARY, ...request, expect: [201, 204] });
  response.discard();
}

/** @returns undefined when the registry does not know the upload any more, or not how much it has. */
async function findSession(
  ctx: Context,
  registry: RemoteRegistry,
  { upload: { access, expected }, location }: { upload: BlobUpload; location: URL },
): Promise<Session | undefined> {
  const request: RegistryRequest = {
    method: "GET",
    target: location,
    access,
    expect: [200, 202, 204, 400, 404, 405, 416],
  };
  const response = await registry.send(ctx, request);
  response.discard();
  if (response.status >= 400) return undefined;
  const last = /^(?:bytes=)?0-(\d+)$/.exec(String(response.headers["range"] ?? ""))?.[1];
  const offset = last === undefined || last === "0" ? 0 : Number(last) + 1; // an empty upload is written 0-0
  if (offset > expected.size) return undefined;
  return { location: response.headers["location"] ? locationOf(response, access.purpose) : location, offset };
}

/** @returns undefined when the blob was mounted and nothing has to be sent. */
async function startUpload(
  ctx: Context,
  registry: RemoteRegistry,
  { repository, access, expected, mountFrom }: BlobUpload,
): Promise<Session | undefined> {
  const query = new URLSearchParams(mountFrom === undefined ? {} : { mount: expected.digest, from: mountFrom });
  const scopes = mountFrom === undefined ? access.scopes : [...access.scopes, `repository:${mountFrom}:pull`];
  const response = await registry.send(ctx, {
    method: "POST",
    target: `${repository}/blobs/uploads/${query.size === 0 ? "" : `?${query.toString()}`}`,
    access: { ...access, scopes },
    expect: [201, 202],
  });
  response.discard();
  if (response.status === 201) return undefined;
  return { location: locationOf(response, access.purpose), offset: 0 };
}

function locationOf({ url, headers }: HttpResponse, purpose: string): URL {
  const location = headers["location"];
  if (typeof location === "string" && URL.canParse(location, url.href)) return new URL(location, url);
  throw new RegistryError("REGISTRY_STATUS", `Cannot ${purpose}: the registry does not say where to send the content`);
}

/** What the registry put into the query is left as it is, byte for byte. */
function withDigest(location: URL, { digest }: Descriptor): URL {
  const url = new URL(location);
  url.search = `${url.search}${url.search === "" ? "?" : "&"}digest=${encodeURIComponent(digest)}`;
  return url;
}
