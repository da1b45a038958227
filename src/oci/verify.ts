import { createHash } from "node:crypto";

import { bytesOf, collect, skipped, type Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import type { Fetcher } from "./content.ts";
import type { Descriptor } from "./descriptor.ts";
import { algorithmOf, digestOf, type Digest } from "./digest.ts";
import { IntegrityError } from "./errors.ts";

/**
 * Streams content while hashing it; the caller keeps the result provisional until the end.
 * @throws {IntegrityError} at the end, or as soon as more than the expected size has come.
 */
export function verified(content: Bytes, expected: Descriptor): Bytes {
  return isVerified(content, expected) ? content : markVerified(verify(content, expected), expected);
}

/** True for what `verified` gives, and for what was marked so. */
export function isVerified(content: Bytes, { digest }: Descriptor): boolean {
  return VERIFIED.get(content) === digest;
}

/** Content that this program verifies on its way is not hashed a second time. */
const VERIFIED = new WeakMap<Bytes, Digest>();

/** Says of content that reading it to its end fails if it is not what is expected. */
export function markVerified(content: Bytes, { digest }: Descriptor): Bytes {
  VERIFIED.set(content, digest);
  return content;
}

async function* verify(content: Bytes, expected: Descriptor): Bytes {
  const algorithm = algorithmOf(expected.digest);
  const hash = createHash(algorithm);
  let size = 0;
  for await (const chunk of content) {
    size += chunk.byteLength;
    if (size > expected.size) break; // a hostile source must not be able to fill the disk
    hash.update(chunk);
    yield chunk;
  }
  const actual = `${algorithm}:${hash.digest("hex")}`;
  if (size !== expected.size || actual !== expected.digest) {
    throw new IntegrityError(`Expected ${expected.digest} of ${expected.size} bytes, received ${actual} after ${size}`);
  }
}

/** Opens content: out of its descriptor when it is there, else from the source. */
export async function openContent(
  ctx: Context,
  source: Fetcher,
  { target, offset = 0 }: { readonly target: Descriptor; readonly offset?: number },
): Promise<Bytes> {
  const embedded = target.data === undefined ? undefined : Buffer.from(target.data, "base64");
  // https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#embedded-content: other data is ignored.
  const isRight = embedded !== undefined && digestOf(embedded, algorithmOf(target.digest)) === target.digest;
  if (isRight) return bytesOf(embedded.subarray(offset));
  if (offset === 0) return source.fetch(ctx, target);
  return source.fetchFrom ? source.fetchFrom(ctx, target, offset) : skipped(await source.fetch(ctx, target), offset);
}

/** Fetches a small document whole and verified. @throws {IntegrityError} */
export async function fetchDocument(ctx: Context, source: Fetcher, target: Descriptor): Promise<Buffer> {
  return collect(verified(await openContent(ctx, source, { target }), target), target.size);
}
