import type { Context } from "../../base/context.ts";
import type { Digest } from "../../oci/digest.ts";
import { isDigest } from "../../oci/digest.ts";
import { IntegrityError } from "../../oci/errors.ts";
import type { RegistryStorage, RepositoryStorage, Upload } from "../storage/storage.ts";
import { Refusal, type ApiRequest, type ApiResponse } from "./api.ts";
import { parseContentRange } from "./range.ts";
import { requireDigest } from "./route.ts";

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs */
export async function startUpload(
  ctx: Context,
  storage: RegistryStorage,
  { repository: name, request }: { repository: string; request: ApiRequest },
): Promise<ApiResponse> {
  const repository = storage.repository(name);
  const { query } = request;
  const mounted = query.get("mount");
  if (mounted !== null && (await mount(repository, { mounted, from: query.get("from") }))) {
    return created(repository, requireDigest(mounted));
  }
  const expected = query.get("digest");
  const digest = expected === null ? undefined : requireDigest(expected);
  const upload = await repository.uploads.start();
  return digest === undefined
    ? accepted(repository, upload, 202)
    : complete(ctx, repository, { upload, digest, request });
}

export async function handleUpload(
  ctx: Context,
  repository: RepositoryStorage,
  { id, request }: { id: string; request: ApiRequest },
): Promise<ApiResponse> {
  const upload = await repository.uploads.find(id);
  if (!upload) throw new Refusal(404, "BLOB_UPLOAD_UNKNOWN", "there is no such upload");
  switch (request.method) {
    case "PATCH":
      requireOrder(upload, request);
      return accepted(repository, await append(ctx, repository, { upload, request }), 202);
    case "PUT":
      requireOrder(upload, request);
      return complete(ctx, repository, { upload, digest: requireDigest(request.query.get("digest")), request });
    case "DELETE":
      await repository.uploads.cancel(id);
      return { status: 204, headers: {} };
    default:
      return accepted(repository, upload, 204);
  }
}

async function mount(
  repository: RepositoryStorage,
  { mounted, from }: { mounted: string; from: string | null },
): Promise<boolean> {
  return from !== null && isDigest(mounted) && repository.mount(mounted, from);
}

async function append(
  ctx: Context,
  repository: RepositoryStorage,
  { upload, request }: { upload: Upload; request: ApiRequest },
): Promise<Upload> {
  const appended = await repository.uploads.append(ctx, upload, request.body);
  if (appended) return appended;
  throw new Refusal(409, "BLOB_UPLOAD_INVALID", "another request is writing to this upload");
}

async function complete(
  ctx: Context,
  repository: RepositoryStorage,
  { upload, digest, request }: { upload: Upload; digest: Digest; request: ApiRequest },
): Promise<ApiResponse> {
  await append(ctx, repository, { upload, request });
  try {
    await repository.finishUpload(upload.id, digest);
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    throw new Refusal(400, "DIGEST_INVALID", "the content has another digest");
  }
  return created(repository, digest);
}

/** A chunk that does not begin where the last one ended changes nothing. */
function requireOrder(upload: Upload, { headers }: ApiRequest): void {
  const header = headers["content-range"];
  if (typeof header !== "string") return;
  const range = parseContentRange(header);
  if (!range) throw new Refusal(400, "BLOB_UPLOAD_INVALID", "the range of the chunk is malformed");
  if (range.first === upload.sizeBytes) return;
  throw new Refusal(416, "BLOB_UPLOAD_INVALID", `the next byte is ${upload.sizeBytes}`, { range: rangeOf(upload) });
}

function accepted(repository: RepositoryStorage, upload: Upload, status: 202 | 204): ApiResponse {
  return {
    status,
    headers: {
      location: `/v2/${repository.name}/blobs/uploads/${upload.id}`,
      range: rangeOf(upload),
      "docker-upload-uuid": upload.id,
    },
  };
}

/** An empty upload is written `0-0` too. */
function rangeOf({ sizeBytes }: Upload): string {
  return `0-${Math.max(0, sizeBytes - 1)}`;
}

function created(repository: RepositoryStorage, digest: Digest): ApiResponse {
  return {
    status: 201,
    headers: { location: `/v2/${repository.name}/blobs/${digest}`, "docker-content-digest": digest },
  };
}
