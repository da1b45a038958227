import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { verified } from "../../oci/verify.ts";
import type { Access } from "./authenticator.ts";
import { RegistryError } from "./errors.ts";
import type { HttpResponse } from "./http.ts";
import type { RemoteRegistry } from "./remote-registry.ts";

export interface BlobUpload {
  readonly repository: string;
  readonly access: Access;
  readonly expected: Descriptor;
  readonly content: Bytes;
  /** A repository of the same registry that has the blob. */
  readonly mountFrom: string | undefined;
}

/**
 * Mounts a blob from another repository, or sends it in one request of known length, the fastest way.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#push
 */
export async function uploadBlob(ctx: Context, registry: RemoteRegistry, upload: BlobUpload): Promise<void> {
  const { expected, content, access } = upload;
  const started = await startUpload(ctx, registry, upload);
  started.discard();
  if (started.status === 201) return;
  const response = await registry.send(ctx, {
    method: "PUT",
    target: withDigest(locationOf(started, access.purpose), expected),
    headers: { "content-type": "application/octet-stream" },
    body: { sizeBytes: expected.size, content: verified(content, expected) },
    access,
    expect: [201, 204],
  });
  response.discard();
}

/** @returns 201 when the blob was mounted, 202 when its content is wanted. */
function startUpload(
  ctx: Context,
  registry: RemoteRegistry,
  { repository, access, expected, mountFrom }: BlobUpload,
): Promise<HttpResponse> {
  const start = { method: "POST", expect: [201, 202] } as const;
  const target = `${repository}/blobs/uploads/`;
  if (mountFrom === undefined) return registry.send(ctx, { ...start, target, access });
  const query = new URLSearchParams({ mount: expected.digest, from: mountFrom });
  const scopes = [...access.scopes, `repository:${mountFrom}:pull`];
  return registry.send(ctx, { ...start, target: `${target}?${query.toString()}`, access: { ...access, scopes } });
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
