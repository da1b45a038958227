import type { Context } from "../../base/context.ts";
import { assertNever } from "../../base/error.ts";
import type { RegistryStorage } from "../storage/storage.ts";
import { Refusal, toResponse, type ApiRequest, type ApiResponse } from "./api.ts";
import { handleBlob } from "./blobs.ts";
import { handleCatalog, handleTags } from "./lists.ts";
import { handleManifest } from "./manifests.ts";
import { toRefusal, unsupported } from "./refusal.ts";
import { createReferrers, type Referrers } from "./referrers.ts";
import { parseRoute, type Route } from "./route.ts";
import { handleUpload, startUpload } from "./uploads.ts";

/** Answers requests; throws only what is a bug or the end of `ctx`. */
export type RegistryHandler = (ctx: Context, request: ApiRequest) => Promise<ApiResponse>;

export interface RegistryServerOptions {
  /** Refuse everything that would change the content. */
  readonly isReadOnly?: boolean;
  /** Requests that bring content at the same time; more are asked to come again. Default 256. */
  readonly writesAtOnce?: number;
}

/** The methods that change nothing. */
export const READS: readonly string[] = ["GET", "HEAD"];

/** The OCI distribution API over a registry folder. https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md */
export function createRegistry(
  storage: RegistryStorage,
  { isReadOnly = false, writesAtOnce = 256 }: RegistryServerOptions = {},
): RegistryHandler {
  const referrers = createReferrers();
  let writes = 0;
  const answer = async (ctx: Context, request: ApiRequest): Promise<ApiResponse> => {
    const route = parseRoute(request.path);
    if (!route) throw new Refusal(404, "UNSUPPORTED", "there is no such endpoint");
    return dispatch(ctx, { storage, referrers, route, request });
  };
  const write = async (ctx: Context, request: ApiRequest): Promise<ApiResponse> => {
    if (isReadOnly) throw unsupported("this registry is read-only");
    if (writes >= writesAtOnce) {
      throw new Refusal(429, "TOOMANYREQUESTS", "too many uploads at once", { "retry-after": "1" });
    }
    writes++;
    try {
      return await answer(ctx, request);
    } finally {
      writes--;
    }
  };
  return async (ctx, request) => {
    try {
      return await (READS.includes(request.method) ? answer : write)(ctx, request);
    } catch (error) {
      return toResponse(toRefusal(error));
    }
  };
}

interface Call {
  readonly storage: RegistryStorage;
  readonly referrers: Referrers;
  readonly route: Route;
  readonly request: ApiRequest;
}

async function dispatch(ctx: Context, { storage, referrers, route, request }: Call): Promise<ApiResponse> {
  switch (route.kind) {
    case "version":
      requireMethod(request, READS);
      return { status: 200, headers: { "content-type": "application/json" }, body: Buffer.from("{}") };
    case "catalog":
      return handleCatalog(ctx, storage, requireMethod(request, READS));
    case "tags":
      return handleTags(storage.repository(route.repository), requireMethod(request, READS));
    case "manifest":
      requireMethod(request, [...READS, "PUT", "DELETE"]);
      return handleManifest(ctx, storage.repository(route.repository), { name: route.name, request });
    case "blob":
      requireMethod(request, [...READS, "DELETE"]);
      return handleBlob(ctx, storage.repository(route.repository), { digest: route.digest, request });
    case "uploads":
      return startUpload(ctx, storage, { repository: route.repository, request: requireMethod(request, ["POST"]) });
    case "upload":
      requireMethod(request, [...READS, "PATCH", "PUT", "DELETE"]);
      return handleUpload(ctx, storage.repository(route.repository), { id: route.id, request });
    case "referrers":
      requireMethod(request, READS);
      return referrers(ctx, storage.repository(route.repository), { subject: route.digest, request });
    default:
      return assertNever(route);
  }
}

function requireMethod(request: ApiRequest, allowed: readonly string[]): ApiRequest {
  if (allowed.includes(request.method)) return request;
  throw unsupported(`${request.method} is not possible here`, { allow: allowed.join(", ") });
}
