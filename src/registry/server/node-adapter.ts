import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { pipeline } from "node:stream/promises";

import type { Context } from "../../base/context.ts";
import type { Secret } from "../../base/secret.ts";
import type { ApiResponse } from "./api.ts";
import type { RegistryHandler } from "./registry.ts";

export interface ServeOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly tls?: { readonly certificate: string; readonly privateKey: Secret };
  /** Told of every answer, and of what was thrown in its place. */
  readonly report?: (answer: ServedRequest) => void;
}

export interface ServedRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly error?: unknown;
}

export interface RegistryServer {
  readonly port: number;
  /** Ends all connections, the busy ones too. */
  close(): Promise<void>;
}

/** A client that sends or takes nothing for this long is dropped. */
const IDLE_TIMEOUT_MS = 120_000;

/** Puts a handler behind a socket until `close` is called or `ctx` ends. */
export async function serveRegistry(
  ctx: Context,
  handler: RegistryHandler,
  options: ServeOptions,
): Promise<RegistryServer> {
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void answer(ctx, handler, { request, response, report: options.report });
  };
  // A whole request may take hours: a layer over a slow line. Silence is what ends it.
  const limits = { requestTimeout: 0, headersTimeout: 60_000 };
  const server = options.tls
    ? createHttpsServer({ ...limits, cert: options.tls.certificate, key: options.tls.privateKey.reveal() }, listener)
    : createHttpServer(limits, listener);
  server.setTimeout(IDLE_TIMEOUT_MS);
  server.listen(options.port, options.host);
  await once(server, "listening", { signal: ctx.signal });
  const close = async (): Promise<void> => {
    ctx.signal.removeEventListener("abort", closeNow);
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const closeNow = (): void => void close();
  ctx.signal.addEventListener("abort", closeNow, { once: true });
  const address = server.address();
  return { port: typeof address === "object" && address ? address.port : options.port, close };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly report: ServeOptions["report"];
}

async function answer(ctx: Context, handler: RegistryHandler, { request, response, report }: Exchange): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort(new Error("the client is gone")));
  const inner: Context = { ...ctx, signal: AbortSignal.any([ctx.signal, gone.signal]) };
  const { method = "GET", url = "/" } = request;
  const [path = "/", query = ""] = url.split("?", 2);
  const served = { method, path };
  try {
    const parts = { method, path, query: new URLSearchParams(query), headers: request.headers, body: request };
    const result = await handler(inner, parts);
    await send(response, result, method === "HEAD");
    report?.({ ...served, status: result.status });
  } catch (error) {
    if (response.headersSent) response.destroy();
    else await send(response, { status: 500, headers: {} }, false).catch(() => undefined);
    report?.({ ...served, status: 500, error });
  }
}

async function send(response: ServerResponse, { status, headers, body }: ApiResponse, isHead: boolean): Promise<void> {
  const sizeBytes = body instanceof Uint8Array ? body.byteLength : (body?.sizeBytes ?? 0);
  const length = status === 204 ? {} : { "content-length": String(sizeBytes) };
  response.writeHead(status, { "docker-distribution-api-version": "registry/2.0", ...headers, ...length });
  if (isHead || body === undefined) response.end();
  else if (body instanceof Uint8Array) response.end(body);
  else await pipeline(body.content, response);
}
