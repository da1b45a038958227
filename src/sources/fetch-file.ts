import { open, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

import type { Context } from "../base/context.ts";
import { writing } from "../base/disk-error.ts";
import { systemCode } from "../base/error.ts";
import { retry } from "../base/retry.ts";
import { IntegrityError } from "../oci/errors.ts";
import { FetchError } from "./errors.ts";
import { hashFile } from "./hash-file.ts";
import { withSource, type SourceContent } from "./open-source.ts";

export interface FetchRequest {
  /** `https:`, `http:` or `file:`. */
  readonly url: string;
  /** In hex digits; undefined for a file that may be anything. */
  readonly sha256: string | undefined;
  /** More is refused. */
  readonly limitBytes: number;
}

export interface FetchPolicy {
  readonly attempts: number;
  readonly firstDelayMs: number;
  /** A server that sends nothing for so long is taken for dead. */
  readonly idleMs: number;
}

export const FETCH_POLICY: FetchPolicy = { attempts: 5, firstDelayMs: 500, idleMs: 30_000 };

/**
 * Fetches into the file `destination` and verifies it. What an earlier attempt left there, also one of another process,
 * is continued. After a failure that may pass the part stays; content with a wrong hash is removed.
 * @throws {IntegrityError} for a wrong hash, {FetchError} for everything that a server or the network does.
 */
export async function fetchFile(
  ctx: Context,
  { url, sha256, limitBytes }: FetchRequest,
  { destination, policy = FETCH_POLICY }: { destination: string; policy?: FetchPolicy },
): Promise<void> {
  let validator: string | undefined;
  await retry(ctx, { ...policy, isTransient }, async () => {
    const request = { url, offset: await sizeOf(destination), validator, limitBytes, idleMs: policy.idleMs };
    await withSource(ctx, request, async (source) => {
      validator = source.validator;
      await writing(dirname(destination), () => receive(ctx, source, destination));
    });
  });
  if (sha256 === undefined) return;
  const actual = await hashFile(ctx, destination);
  if (actual === sha256) return;
  await rm(destination, { force: true });
  throw new IntegrityError(`Cannot use "${url}": expected sha256 ${sha256}, received ${actual}`, {
    hint: "Find out whether the publisher or a mirror changed the file before its hash is changed",
  });
}

function isTransient(error: unknown): boolean {
  return error instanceof FetchError && error.isTransient;
}

async function receive(ctx: Context, source: SourceContent, destination: string): Promise<void> {
  const { offset, sizeBytes, content } = source;
  const file = await open(destination, offset === 0 ? "w" : "r+");
  try {
    let position = offset;
    for await (const chunk of content) {
      position += (await file.write(chunk, 0, chunk.byteLength, position)).bytesWritten;
      ctx.progress.advance(position, sizeBytes === undefined ? undefined : offset + sizeBytes);
    }
    await file.truncate(position);
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return 0;
    throw error;
  }
}
