import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import type { Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import { messageOf, systemCode } from "../base/error.ts";
import { renderSize } from "../base/text.ts";
import { FetchError } from "./errors.ts";
import { Watchdog } from "./watchdog.ts";

export interface SourceRequest {
  readonly url: string;
  /** Bytes that are there already. */
  readonly offset: number;
  /** What the source said about the version that those bytes are of. */
  readonly validator: string | undefined;
  /** More, together with what is there, is refused. */
  readonly limitBytes: number;
  readonly idleMs: number;
}

export interface SourceContent {
  /** Where the content belongs: the offset asked for, or 0 when the source starts again. */
  readonly offset: number;
  /** Of what comes now, when the source says so. */
  readonly sizeBytes: number | undefined;
  readonly validator: string | undefined;
  readonly content: Bytes;
}

/**
 * Opens a source for as long as `use` takes. When the source has no more than what is there already, `use` is not
 * called. @throws {FetchError}, also while the content is read.
 */
export async function withSource(
  ctx: Context,
  request: SourceRequest,
  use: (source: SourceContent) => Promise<void>,
): Promise<void> {
  const source = request.url.startsWith("file:") ? await openFile(ctx, request) : undefined;
  if (source) return use(source);
  if (request.url.startsWith("file:")) return;
  const watchdog = new Watchdog(ctx.signal, request.idleMs);
  try {
    const answer = await openHttp(request, watchdog);
    if (answer) await use(answer);
  } catch (error) {
    throw toFetchError(ctx, request.url, error);
  } finally {
    watchdog.close();
  }
}

async function openFile(ctx: Context, { url, offset, limitBytes }: SourceRequest): Promise<SourceContent | undefined> {
  const path = fileURLToPath(url);
  try {
    const { size } = await stat(path);
    if (size > limitBytes) throw tooLarge(url, limitBytes);
    if (offset >= size && size > 0) return undefined;
    const content = createReadStream(path, { start: offset, signal: ctx.signal });
    return { offset, sizeBytes: size - offset, validator: undefined, content };
  } catch (error) {
    if (systemCode(error) === "ENOENT") throw notFound(url, "no such file");
    throw error;
  }
}

async function openHttp(request: SourceRequest, watchdog: Watchdog): Promise<SourceContent | undefined> {
  const { url, offset, validator } = request;
  const response = await send(url, { headers: requestHeaders(offset, validator), signal: watchdog.signal });
  if (response.status === 416 && offset > 0) return undefined;
  if (!response.ok || !response.body) throw refused(url, response);
  const length = response.headers.get("content-length");
  const start = response.status === 206 ? rangeStart(response, offset) : 0;
  if (start + Number(length ?? 0) > request.limitBytes) throw tooLarge(url, request.limitBytes);
  return {
    offset: start,
    sizeBytes: length === null ? undefined : Number(length),
    validator: response.headers.get("etag") ?? response.headers.get("last-modified") ?? undefined,
    content: watched(request, { body: response.body, watchdog, start, length }),
  };
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw unreachable(url, reasonOf(error), error);
  }
}

function requestHeaders(offset: number, validator: string | undefined): Record<string, string> {
  return {
    "accept-encoding": "identity", // a server must not pack what is hashed
    "user-agent": "sealos",
    ...(offset > 0 ? { range: `bytes=${offset}-` } : {}),
    ...(offset > 0 && validator !== undefined && !validator.startsWith("W/") ? { "if-range": validator } : {}),
  };
}

function rangeStart(response: Response, offset: number): number {
  const start = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
  return start === undefined ? offset : Number(start);
}

interface WatchedBody {
  readonly body: Bytes;
  readonly watchdog: Watchdog;
  readonly start: number;
  readonly length: string | null;
}

async function* watched({ url, limitBytes }: SourceRequest, { body, watchdog, start, length }: WatchedBody): Bytes {
  let size = 0;
  const chunks = body[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next().catch((error: unknown) => {
      throw unreachable(url, reasonOf(error), error);
    });
    if (next.done) break;
    watchdog.feed();
    size += next.value.byteLength;
    if (start + size > limitBytes) throw tooLarge(url, limitBytes);
    yield next.value;
  }
  if (length === null || size === Number(length)) return;
  throw unreachable(url, `the connection ended after ${size} of ${length} bytes`);
}

/** A cancelled run is no failure of the source; a silent one is. Everything else says already what it is. */
function toFetchError(ctx: Context, url: string, error: unknown): unknown {
  if (ctx.signal.aborted) return ctx.signal.reason;
  const reason = error instanceof FetchError ? error.cause : undefined;
  return reason instanceof Error && reason.name === "TimeoutError" ? unreachable(url, reason.message, reason) : error;
}

/** `fetch` hides what happened behind "fetch failed". */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && cause.message !== "" ? cause.message : messageOf(error);
}

function refused(url: string, { status, statusText }: Response): FetchError {
  if (status === 404 || status === 410) return notFound(url, `the server answers ${status} ${statusText}`.trim());
  return new FetchError("FETCH_STATUS", `Cannot fetch "${url}": the server answers ${status} ${statusText}`.trim(), {
    isTransient: status === 408 || status === 429 || status >= 500,
  });
}

function notFound(url: string, reason: string): FetchError {
  return new FetchError("FETCH_NOT_FOUND", `Cannot fetch "${url}": ${reason}`, {
    hint: "Check the version, or where a mirror is used whether it has the file",
  });
}

function unreachable(url: string, reason: string, cause?: unknown): FetchError {
  return new FetchError("FETCH_UNREACHABLE", `Cannot fetch "${url}": ${reason}`, {
    isTransient: true,
    cause,
    hint: "Run the same command again: what has arrived is kept. Without internet use --mirror or --kind module",
  });
}

function tooLarge(url: string, limitBytes: number): FetchError {
  return new FetchError("FETCH_TOO_LARGE", `Cannot fetch "${url}": it is larger than ${renderSize(limitBytes)}`);
}
