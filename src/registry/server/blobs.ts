import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import type { Digest } from "../../oci/digest.ts";
import type { ByteRange, RepositoryStorage } from "../storage/storage.ts";
import { Refusal, type ApiRequest, type ApiResponse } from "./api.ts";
import { parseRange } from "./range.ts";

export async function handleBlob(
  ctx: Context,
  repository: RepositoryStorage,
  { digest, request }: { digest: Digest; request: ApiRequest },
): Promise<ApiResponse> {
  if (request.method === "DELETE") return removeBlob(repository, digest);
  const blob = await repository.findBlob(digest);
  if (!blob) throw unknown();
  return blobResponse(request, {
    digest,
    sizeBytes: blob.sizeBytes,
    read: (range) => repository.readBlob(ctx, blob, range),
  });
}

/** The whole blob, or the part that the request asks for. @throws {Refusal} for a part that is not there. */
export function blobResponse(
  request: ApiRequest,
  { digest, sizeBytes, read }: { digest: Digest; sizeBytes: number; read: (range?: ByteRange) => Bytes },
): ApiResponse {
  const range = parseRange(request.headers["range"], sizeBytes);
  const headers = {
    "accept-ranges": "bytes",
    "content-type": "application/octet-stream",
    "docker-content-digest": digest,
    etag: `"${digest}"`,
  };
  if (range === "unsatisfiable") {
    throw new Refusal(416, "SIZE_INVALID", "the range is outside the blob", {
      "content-range": `bytes */${sizeBytes}`,
    });
  }
  if (!range) return { status: 200, headers, body: { sizeBytes, content: read() } };
  const { first, last } = range;
  return {
    status: 206,
    headers: { ...headers, "content-range": `bytes ${first}-${last}/${sizeBytes}` },
    body: { sizeBytes: last - first + 1, content: read(range) },
  };
}

async function removeBlob(repository: RepositoryStorage, digest: Digest): Promise<ApiResponse> {
  if (!(await repository.removeBlob(digest))) throw unknown();
  return { status: 202, headers: {} };
}

function unknown(): Refusal {
  return new Refusal(404, "BLOB_UNKNOWN", "the repository does not have this blob");
}
