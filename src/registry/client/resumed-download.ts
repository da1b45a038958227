import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { sleep } from "../../base/retry.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { IntegrityError } from "../../oci/errors.ts";
import { unreachable } from "./errors.ts";
import { ConnectionFailure, type HttpResponse } from "./http.ts";

export interface Download {
  readonly target: Descriptor;
  /** Asks for the content from this byte on; the answer is 206, or 200 with everything. */
  readonly open: (offset: number) => Promise<HttpResponse>;
  readonly purpose: string;
  /** Broken connections in a row, without a byte between them, until it is an error. */
  readonly attempts: number;
  readonly delayMs: number;
}

/**
 * Opens content that goes on where it was when its connection breaks. Not verified.
 * @throws {IntegrityError} when the registry says beforehand that the content has another size.
 */
export async function openDownload(ctx: Context, download: Download): Promise<Bytes> {
  const { target, open, purpose } = download;
  const first = await open(0);
  const announced = first.headers["content-length"];
  if (typeof announced !== "string" || Number(announced) === target.size) return resumed(ctx, download, first);
  first.discard();
  throw new IntegrityError(`Cannot ${purpose}: ${target.digest} has ${announced} bytes, expected ${target.size}`);
}

async function* resumed(ctx: Context, download: Download, first: HttpResponse): Bytes {
  const { target, open, purpose, attempts, delayMs } = download;
  let response = first;
  let offset = 0;
  let failures = 0;
  for (;;) {
    try {
      for await (const chunk of bytesFrom(response, offset)) {
        offset += chunk.byteLength;
        failures = 0;
        yield chunk;
      }
      if (offset >= target.size) return;
      throw new ConnectionFailure(new Error(`it ended after ${offset} of ${target.size} bytes`));
    } catch (error) {
      if (!(error instanceof ConnectionFailure)) throw error;
      failures++;
      if (failures >= attempts) throw unreachable(purpose, response.url, error.cause);
    }
    await sleep(ctx, delayMs * failures);
    response = await open(offset);
  }
}

/** The content from `offset` on, also of a registry that knows no ranges and starts again. */
async function* bytesFrom({ status, headers, body }: HttpResponse, offset: number): Bytes {
  let surplus = status === 206 ? offset - rangeStart(headers["content-range"], offset) : offset;
  for await (const chunk of body) {
    const kept = chunk.subarray(Math.min(surplus, chunk.byteLength));
    surplus -= chunk.byteLength - kept.byteLength;
    if (kept.byteLength > 0) yield kept;
  }
}

function rangeStart(header: string | string[] | undefined, expected: number): number {
  const start = Number(/^bytes (\d+)-/.exec(String(header))?.[1] ?? expected);
  return Math.min(start, expected); // content that starts later does not fit, which its digest will show
}
