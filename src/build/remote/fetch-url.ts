import { rm } from "node:fs/promises";

import { withFileLock } from "../../base/file-lock.ts";
import { runTask, type Context } from "../../base/context.ts";
import { KnownError } from "../../base/error.ts";
import type { CachedFile, ContentCache } from "../../sources/content-cache.ts";
import { FetchError } from "../../sources/errors.ts";
import { fetchFile } from "../../sources/fetch-file.ts";
import { IntegrityError } from "../../oci/errors.ts";
import { RemoteSourceError, requireLocal } from "./remote-error.ts";
import { withoutCredentials } from "./remote-reference.ts";

export interface UrlRequest {
  readonly url: string;
  /** In hex digits. With it, a file that the cache has is not asked for again. */
  readonly sha256: string | undefined;
}

export interface FetchOptions {
  readonly cache: ContentCache;
  readonly isOffline: boolean;
}

const LIMIT_BYTES = 64 * 1024 ** 3;

/** Fetches a file into the cache. @throws {RemoteSourceError} */
export async function fetchUrl(
  ctx: Context,
  { url, sha256 }: UrlRequest,
  { cache, isOffline }: FetchOptions,
): Promise<CachedFile & { readonly path: string }> {
  const known = sha256 === undefined ? undefined : await cache.find(sha256, false);
  if (known) return { ...known, path: cache.pathOf(known) };
  if (isOffline) requireLocal(url);
  const fetched = await runTask(ctx, `fetch ${withoutCredentials(url)}`, (inner) =>
    sha256 === undefined
      ? receive(inner, { url, sha256 }, cache)
      : withFileLock(inner, cache.lockPath(sha256), () => receive(inner, { url, sha256 }, cache)),
  );
  return { ...fetched, path: cache.pathOf(fetched) };
}

/** What is fetched with a checksum may be continued by a later run. */
async function receive(ctx: Context, { url, sha256 }: UrlRequest, cache: ContentCache): Promise<CachedFile> {
  const destination = sha256 === undefined ? await cache.temporary() : await cache.partial(sha256);
  try {
    await fetchFile(ctx, { url, sha256, limitBytes: LIMIT_BYTES }, { destination });
  } catch (error) {
    if (sha256 === undefined) await rm(destination, { force: true });
    throw toRemoteError(url, error);
  }
  return cache.adopt(ctx, destination, false);
}

function toRemoteError(url: string, error: unknown): unknown {
  const isExpected = error instanceof FetchError || error instanceof IntegrityError;
  if (!isExpected || !(error instanceof KnownError)) return error;
  const hint =
    error instanceof IntegrityError
      ? "Find out why the file has changed before the checksum is changed"
      : "Make the host reachable, or fetch the file before the build and COPY it";
  return new RemoteSourceError(error.message.replaceAll(url, withoutCredentials(url)), { hint, cause: error });
}
