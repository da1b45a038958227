import type { Bytes } from "../../base/bytes.ts";

/** What a client asks, without the transport. */
export interface ApiRequest {
  readonly method: string;
  /** Still with its escapes, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Bytes;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: empty. The transport leaves it out for HEAD, and keeps its length. */
  readonly body?: Uint8Array | { readonly sizeBytes: number; readonly content: Bytes };
}

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes */
export type ErrorCode =
  | "BLOB_UNKNOWN"
  | "BLOB_UPLOAD_INVALID"
  | "BLOB_UPLOAD_UNKNOWN"
  | "DENIED"
  | "DIGEST_INVALID"
  | "MANIFEST_BLOB_UNKNOWN"
  | "MANIFEST_INVALID"
  | "MANIFEST_UNKNOWN"
  | "NAME_INVALID"
  | "NAME_UNKNOWN"
  | "SIZE_INVALID"
  | "TAG_INVALID"
  | "TOOMANYREQUESTS"
  | "UNAUTHORIZED"
  | "UNSUPPORTED"
  | "UNKNOWN";

/** A request is refused: what the client is told. */
export class Refusal extends Error {
  readonly status: number;
  readonly errorCode: ErrorCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, errorCode: ErrorCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.errorCode = errorCode;
    this.headers = headers;
  }
}

export function toResponse({ status, errorCode, message, headers }: Refusal): ApiResponse {
  return jsonResponse(status, { errors: [{ code: errorCode, message }] }, headers);
}

export function jsonResponse(
  status: number,
  document: object,
  { "content-type": mediaType = "application/json", ...headers }: Readonly<Record<string, string>> = {},
): ApiResponse {
  const body = Buffer.from(JSON.stringify(document));
  return { status, headers: { ...headers, "content-type": mediaType }, body };
}
