import { once } from "node:events";
import type { Agent as HttpAgent, AgentOptions, ClientRequest, IncomingMessage, request } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import type * as TlsModule from "node:tls";
import type { SecureContext, SecureContextOptions } from "node:tls";

import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { InputError, messageOf } from "../../base/error.ts";
import { isLoopback } from "./endpoint.ts";

/** Content that can be sent once only. */
export interface StreamedBody {
  readonly sizeBytes: number;
  readonly content: Bytes;
}

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | StreamedBody;
}

export interface HttpResponse {
  /** What was asked: after redirects, the last one. */
  readonly url: URL;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** To be read to its end or left by `return`; else call `discard`. */
  readonly body: Bytes;
  discard(): void;
}

/** The connection failed: `cause` is the system's error. Whatever else is thrown came from the body that was sent. */
export class ConnectionFailure extends Error {
  constructor(cause: unknown) {
    super("The connection failed", { cause });
    this.name = "ConnectionFailure";
  }
}

/** What TLS needs besides what the system has; all as PEM. */
export interface Certificates {
  /** Trusted beside the public ones and those of the system. */
  readonly authorities: readonly string[];
  /** Who this client is, for a registry that asks for that. */
  readonly identities: readonly { readonly certificate: string; readonly key: string }[];
}

/** No connection was tried: the user wants none. */
export class OfflineRefusal extends Error {}

export interface ConnectionOptions {
  /** Default true. */
  readonly verifyTls?: boolean;
  /** Asked for when the first TLS connection is made. Default: those of the system only. */
  readonly findCertificates?: () => Promise<Certificates>;
  /** `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` and their lower-case forms; default: no proxy. */
  readonly proxyEnvironment?: Readonly<Record<string, string | undefined>>;
  /** Refuses to ask anybody but this machine; default false. */
  readonly isOffline?: boolean;
}

const CONNECT_TIMEOUT_MS = 20_000;
const IDLE_TIMEOUT_MS = 120_000;
/** What is left of an answer is read on to keep the connection, up to this size. */
const DRAIN_LIMIT_BYTES = 64 * 1024;

/** This machine is never reached through a proxy. */
const LOOPBACK: readonly string[] = ["localhost", "127.0.0.1-127.255.255.255", "::1"];

interface Transport {
  readonly request: typeof request;
  readonly agent: HttpAgent | HttpsAgent;
}

/** Connections that are kept open and used again; close them when done. */
export class HttpClient {
  readonly #options: ConnectionOptions;
  #http: HttpAgent | undefined;
  #https: Promise<HttpsAgent> | undefined;

  constructor(options: ConnectionOptions = {}) {
    this.#options = options;
  }

  /**
   * Sends one request and resolves with the head of its answer, which may come before all of the body was sent. Does
   * not follow redirects. @throws {ConnectionFailure}, or the abort reason when `ctx` is cancelled.
   */
  async send(ctx: Context, request: HttpRequest): Promise<HttpResponse> {
    ctx.signal.throwIfAborted();
    if (this.#options.isOffline && !isLoopback(request.url.host)) throw new ConnectionFailure(new OfflineRefusal());
    const outgoing = await this.#open(ctx, request);
    try {
      const answer = answerOf(outgoing);
      answer.catch(() => undefined); // sending may fail first, with the same error
      await sendBody(outgoing, request.body);
      return toResponse(ctx, { url: request.url, outgoing, incoming: await answer });
    } catch (error) {
      outgoing.destroy();
      ctx.signal.throwIfAborted();
      throw error;
    }
  }

  close(): void {
    this.#http?.destroy();
    this.#https?.then(
      (agent) => agent.destroy(),
      () => undefined, // whoever wanted to connect knows
    );
  }

  /** Loading these modules takes 40 ms, which commands that ask no registry do not spend. */
  async #transportFor({ protocol }: URL): Promise<Transport> {
    if (protocol === "https:") {
      const { request } = await import("node:https");
      return { request, agent: await (this.#https ??= openTlsAgent(this.#options)) };
    }
    const { Agent, request } = await import("node:http");
    return { request, agent: (this.#http ??= new Agent(agentOptions(this.#options))) };
  }

  async #open(ctx: Context, { method, url, headers, body }: HttpRequest): Promise<ClientRequest> {
    const { request, agent } = await this.#transportFor(url);
    const outgoing = request(url, {
      method,
      agent,
      headers: { ...headers, ...(body && { "content-length": String(sizeOf(body)) }) },
      signal: ctx.signal,
      timeout: CONNECT_TIMEOUT_MS,
    });
    outgoing.on("error", () => undefined); // after the answer, errors reach its reader
    outgoing.on("timeout", () => outgoing.destroy(new Error("it does not answer")));
    outgoing.once("socket", (socket) => {
      if (!socket.connecting) outgoing.setTimeout(IDLE_TIMEOUT_MS);
      else socket.once("connect", () => outgoing.setTimeout(IDLE_TIMEOUT_MS));
    });
    return outgoing;
  }
}

function agentOptions({ proxyEnvironment }: ConnectionOptions): AgentOptions {
  if (!proxyEnvironment) return { keepAlive: true };
  const { NO_PROXY, no_proxy = NO_PROXY, ...proxies } = proxyEnvironment;
  const direct = [no_proxy ?? "", ...LOOPBACK].filter((host) => host !== "");
  return { keepAlive: true, proxyEnv: { ...proxies, no_proxy: direct.join(",") } };
}

/** Reading the certificates of the system takes 50 ms: done for the first connection that needs them, and once. */
async function openTlsAgent(options: ConnectionOptions): Promise<HttpsAgent> {
  const { verifyTls = true, findCertificates } = options;
  const [{ Agent }, tls] = await Promise.all([import("node:https"), import("node:tls")]);
  const { authorities, identities } = (await findCertificates?.()) ?? { authorities: [], identities: [] };
  const trusted = new Set([...tls.getCACertificates("default"), ...tls.getCACertificates("system"), ...authorities]);
  const secureContext = createSecureContext(tls, {
    ca: [...trusted],
    cert: identities.map(({ certificate }) => certificate),
    key: identities.map(({ key }) => key),
  });
  return new Agent({ ...agentOptions(options), rejectUnauthorized: verifyTls, secureContext });
}

function createSecureContext(tls: typeof TlsModule, options: SecureContextOptions): SecureContext {
  try {
    return tls.createSecureContext(options);
  } catch (error) {
    throw new InputError(`Cannot use the certificates for registries: ${messageOf(error)}`, { cause: error });
  }
}

function answerOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once("response", resolve);
    outgoing.once("error", (error) => reject(new ConnectionFailure(error)));
  });
}

function sizeOf(body: Uint8Array | StreamedBody): number {
  return body instanceof Uint8Array ? body.byteLength : body.sizeBytes;
}

/** Stops early, without an error, when the answer is there before the body is sent: then it is a refusal. */
async function sendBody(outgoing: ClientRequest, body: Uint8Array | StreamedBody | undefined): Promise<void> {
  if (body === undefined || body instanceof Uint8Array) {
    outgoing.end(body);
    return;
  }
  const answered = new AbortController();
  outgoing.once("response", () => answered.abort());
  outgoing.once("close", () => answered.abort());
  for await (const chunk of body.content) {
    if (answered.signal.aborted) return;
    if (!outgoing.write(chunk)) await once(outgoing, "drain", { signal: answered.signal }).catch(() => undefined);
  }
  outgoing.end();
}

interface Exchange {
  readonly url: URL;
  readonly outgoing: ClientRequest;
  readonly incoming: IncomingMessage;
}

function toResponse(ctx: Context, exchange: Exchange): HttpResponse {
  const { url, outgoing, incoming } = exchange;
  incoming.on("error", () => undefined); // an unread answer may break; a reader still gets the error
  return {
    url,
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    body: readBody(ctx, exchange),
    discard() {
      // For HEAD it is the length of what is not sent.
      const sizeBytes = outgoing.method === "HEAD" ? 0 : Number(incoming.headers["content-length"] ?? 0);
      if (outgoing.writableEnded && sizeBytes <= DRAIN_LIMIT_BYTES) incoming.resume();
      else outgoing.destroy();
    },
  };
}

async function* readBody(ctx: Context, { outgoing, incoming }: Exchange): Bytes {
  try {
    yield* incoming;
  } catch (error) {
    ctx.signal.throwIfAborted();
    throw new ConnectionFailure(error);
  } finally {
    // The connection is of no use to others when the body was refused half way.
    if (!outgoing.writableEnded) outgoing.destroy();
  }
}
