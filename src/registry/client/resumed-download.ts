import { skipped, type Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { sleep, type RetryPolicy } from "../../base/retry.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { IntegrityError } from "../../oci/errors.ts";
import { unreachable } from "./errors.ts";
import { ConnectionFailure, type HttpResponse } from "./http.ts";

/** A connection that brought this much was worth it: the count of failures starts again. */
const PROGRESS_BYTES = 64 * 1024;

export interface Download {
  readonly target: Descriptor;
  /** The first byte that is wanted. */
  readonly start: number;
  /** Asks for the content from this byte on; the answer is 206, or 200 with everything. */
  readonly open: (offset: number) => Promise<HttpResponse>;
  readonly purpose: string;
  /** How many broken connections in a row, with hardly a byte between them, are an error, and the wait after each. */
  readonly retryPolicy: RetryPolicy;
}

/**
 * Opens content that goes on where it was when its connection breaks. Not verified.
 * @throws {IntegrityError} when the registry says beforehand that the content has another size.
 */
export async function openDownload(ctx: Context, download: Download): Promise<Bytes> {
  const { target, start, open, purpose } = download;
  const first = await open(start);
  const announced = first.headers["content-length"];
  const rest = first.status === 206 ? target.size - start : target.size;
  if (typeof announced !== "string" || Number(announced) === rest) return resumed(ctx, download, first);
  first.discard();
  throw new IntegrityError(`Cannot ${purpose}: ${target.digest} has ${announced} bytes, expected ${rest}`);
}

async function* resumed(ctx: Context, download: Download, first: HttpResponse): Bytes {
  const { target, start: begin, open, purpose, retryPolicy } = download;
  let response = first;
  let offset = begin;
  for (let failures = 1; ; failures++) {
    const start = offset;
    const failure = yield* untilBroken(response, offset, (sizeBytes) => (offset += sizeBytes));
    if (offset >= target.size) return;
    if (offset - start >= PROGRESS_BYTES) failures = 1;
    if (failures >= retryPolicy.attempts) throw unreachable(purpose, response.url, failure);
    await sleep(ctx, retryPolicy.firstDelayMs * 2 ** (failures - 1));
    response = await open(offset);
  }
}

/** @returns what ended the content: an answer that is too short is a broken one too. */
async function* untilBroken(
  response: HttpResponse,
  offset: number,
  count: (sizeBytes: number) => void,
): AsyncGenerator<Uint8Array, unknown> {
  try {
    for await (const chunk of bytesFrom(response, offset)) {
      count(chunk.byteLength);
      yield chunk;
    }
    return new Error("the content ended too early");
  } catch (error) {
    if (error instanceof ConnectionFailure) return error.cause;
    throw error;
  }
}

/** The content from `offset` on, also of a registry that knows no ranges and starts again. */
function bytesFrom({ status, headers, body }: HttpResponse, offset: number): Bytes {
  return skipped(body, status === 206 ? offset - rangeStart(headers["content-range"], offset) : offset);
}

function rangeStart(header: string | string[] | undefined, expected: number): number {
  const start = Number(/^bytes (\d+)-/.exec(String(header))?.[1] ?? expected);
  return Math.min(start, expected); // content that starts later does not fit, which its digest will show
}
