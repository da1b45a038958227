import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Duplex } from "node:stream";

import type { Context } from "../../base/context.ts";
import { systemCode } from "../../base/error.ts";
import type { Secret } from "../../base/secret.ts";
import type { ApiResponse } from "./api.ts";
import type { RegistryHandler } from "./registry.ts";
import { sendContent } from "./send-content.ts";

export interface ServeOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly tls?: ServerTls;
  /** Told of every answer, and of what was thrown in its place. */
  readonly report?: (answer: ServedRequest) => void;
  /** How long requests may go on when the server is to end; default 0. */
  readonly graceMs?: number;
  /** A client that sends or takes nothing for this long is dropped; default: two minutes. */
  readonly idleMs?: number;
}

export interface ServerTls {
  /** PEM, as are the others. */
  readonly certificate: string;
  readonly privateKey: Secret;
  /** Only clients with a certificate of one of these may connect. */
  readonly clientAuthorities?: string;
}

export interface ServedRequest {
  /** Of the client. */
  readonly address: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly status: number;
  /** Of the answer's body. */
  readonly sizeBytes: number;
  readonly elapsedMs: number;
  readonly error?: unknown;
}

export interface RegistryServer {
  readonly port: number;
  /** Takes no more requests, waits for those that run as long as they may, then ends their connections. */
  close(): Promise<void>;
}

/** More clients than a large cluster has at once; each costs a file handle and some memory. */
const CONNECTION_LIMIT = 2000;

// A whole request may take hours: a layer over a slow line. Silence is what ends it.
const LIMITS = { requestTimeout: 0, headersTimeout: 60_000, keepAliveTimeout: 75_000, maxHeaderSize: 16 * 1024 };

/** Puts a handler behind a socket until `close` is called or `ctx` ends. */
export async function serveRegistry(
  ctx: Context,
  handler: RegistryHandler,
  options: ServeOptions,
): Promise<RegistryServer> {
  const cut = new AbortController();
  const inner: Context = { ...ctx, signal: cut.signal };
  const server = createServer(options.tls, (request, response) => {
    void answer(inner, handler, { request, response, report: options.report }).finally(() => {
      if (!server.listening) server.closeIdleConnections();
    });
  });
  server.on("clientError", (error, socket) => refuseGarbage(error, socket, options.report));
  server.setTimeout(options.idleMs ?? 120_000);
  server.maxConnections = CONNECTION_LIMIT;
  server.listen(options.port, options.host);
  await once(server, "listening", { signal: ctx.signal });
  let ending: Promise<void> | undefined;
  const close = (): Promise<void> => {
    ctx.signal.removeEventListener("abort", closeNow);
    return (ending ??= end(server, { cut, graceMs: options.graceMs ?? 0 }));
  };
  const closeNow = (): void => void close();
  ctx.signal.addEventListener("abort", closeNow, { once: true });
  const address = server.address();
  return { port: typeof address === "object" && address ? address.port : options.port, close };
}

function createServer(
  tls: ServerTls | undefined,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
) {
  if (!tls) return createHttpServer(LIMITS, listener);
  const { certificate, privateKey, clientAuthorities } = tls;
  const clients = clientAuthorities === undefined ? {} : { ca: clientAuthorities, requestCert: true };
  return createHttpsServer({ ...LIMITS, ...clients, cert: certificate, key: privateKey.reveal() }, listener);
}

async function end(server: Server, { cut, graceMs }: { cut: AbortController; graceMs: number }): Promise<void> {
  const closed = once(server, "close");
  const timer = setTimeout(() => {
    cut.abort(new Error("the server ends"));
    server.closeAllConnections();
  }, graceMs);
  server.close();
  server.closeIdleConnections();
  await closed;
  clearTimeout(timer);
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly report: ServeOptions["report"];
}

async function answer(ctx: Context, handler: RegistryHandler, { request, response, report }: Exchange): Promise<void> {
  const startedMs = performance.now();
  const gone = new AbortController();
  response.once("close", () => gone.abort(new Error("the client is gone")));
  const inner: Context = { ...ctx, signal: AbortSignal.any([ctx.signal, gone.signal]) };
  const { method = "GET", url = "/", headers } = request;
  const [path = "/", query = ""] = url.split("?", 2);
  const served = { address: request.socket.remoteAddress ?? "-", method, path, headers };
  const elapsed = (): { readonly elapsedMs: number } => ({ elapsedMs: performance.now() - startedMs });
  try {
    const body = request.iterator({ destroyOnReturn: false });
    const result = await handler(inner, { method, path, query: new URLSearchParams(query), headers, body });
    drain(request);
    const sizeBytes = await send(response, result, method === "HEAD");
    report?.({ ...served, ...elapsed(), status: result.status, sizeBytes });
  } catch (error) {
    const status = statusOfFailure({ request, response });
    if (response.headersSent) response.destroy();
    else await send(response, { status: 500, headers: {} }, false).catch(() => undefined);
    report?.({ ...served, ...elapsed(), status, sizeBytes: 0, error });
  }
}

/** For the report: 499 stands for a client that is gone before it got an answer, as in other servers' logs. */
function statusOfFailure({ request, response }: Omit<Exchange, "report">): number {
  if (response.headersSent) return response.statusCode;
  return request.errored || response.destroyed ? 499 : 500;
}

/** @returns the size of the body that was sent. */
async function send(
  response: ServerResponse,
  { status, headers, body }: ApiResponse,
  isHead: boolean,
): Promise<number> {
  const sizeBytes = body instanceof Uint8Array ? body.byteLength : (body?.sizeBytes ?? 0);
  const length = status === 204 ? {} : { "content-length": String(sizeBytes) };
  response.writeHead(status, { "docker-distribution-api-version": "registry/2.0", ...headers, ...length });
  if (isHead || body === undefined) response.end();
  else if (body instanceof Uint8Array) response.end(body);
  else await sendContent(response, body.content);
  return isHead ? 0 : sizeBytes;
}

/** What is left of a body that was refused is read, so that the client comes to see why; up to this. */
const DRAIN_LIMIT_BYTES = 1024 * 1024;

function drain(request: IncomingMessage): void {
  if (request.complete && request.readableLength === 0) return;
  let left = DRAIN_LIMIT_BYTES;
  request.on("error", () => undefined);
  request.on("data", (piece: Uint8Array) => {
    left -= piece.byteLength;
    if (left < 0) request.destroy();
  });
}

const GARBAGE: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, "Request Header Fields Too Large"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "Request Timeout"],
};

/** Answers what is not HTTP, or not all of it. */
function refuseGarbage(error: Error, socket: Duplex, report: ServeOptions["report"]): void {
  const code = systemCode(error) ?? "";
  if (code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, text] = GARBAGE[code] ?? [400, "Bad Request"];
  socket.end(`HTTP/1.1 ${status} ${text}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  const address = "remoteAddress" in socket ? String(socket.remoteAddress) : "-";
  report?.({ address, method: "-", path: "-", headers: {}, status, sizeBytes: 0, elapsedMs: 0, error });
}
