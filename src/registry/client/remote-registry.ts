import type { Context } from "../../base/context.ts";
import { collect } from "../../base/bytes.ts";
import { retry, type RetryPolicy } from "../../base/retry.ts";
import { IntegrityError } from "../../oci/errors.ts";
import { Authenticator, type Access } from "./authenticator.ts";
import type { FindCredentials } from "./credentials.ts";
import { apiHost, isLoopback } from "./endpoint.ts";
import { readErrorResponse } from "./error-response.ts";
import { RegistryError, unreachable } from "./errors.ts";
import { ConnectionFailure, HttpClient, type HttpRequest, type HttpResponse, type ConnectionOptions } from "./http.ts";
import { Origin } from "./origin.ts";
import { sendFollowing } from "./redirect.ts";
import { Throttle } from "./throttle.ts";
import { UploadMemory, type UploadSessions } from "./upload-sessions.ts";

const REQUESTS_AT_ONCE = 16;
const UPLOADS_AT_ONCE = 8;

export interface RemoteRegistryOptions extends ConnectionOptions {
  /** Default: everything is asked anonymously. */
  readonly findCredentials?: FindCredentials;
  /** Where unfinished uploads are remembered; default: in memory. */
  readonly sessions?: UploadSessions;
  /** How often a request is sent that may pass the next time, and the first wait; default 4 times, 500 ms. */
  readonly retry?: { readonly attempts: number; readonly firstDelayMs: number };
}

export interface RegistryRequest extends Omit<HttpRequest, "url"> {
  /** Below `/v2/`; or where the registry itself said to go on. */
  readonly target: string | URL;
  readonly access: Access;
  /** Every other status is an error. */
  readonly expect: readonly number[];
}

const TRANSIENT: Pick<RetryPolicy, "isTransient" | "delayOf"> = {
  isTransient: (error) => error instanceof RegistryError && error.isTransient,
  delayOf: (error) => (error instanceof RegistryError ? error.retryAfterMs : undefined),
};

/** For `copyGraph` from or to a registry: requests are repeated here, but a blob is streamed and must be read again. */
export const BLOB_RETRY: RetryPolicy = { attempts: 5, firstDelayMs: 1000, ...TRANSIENT };

/** One registry over HTTP: its connections, what it knows of the user, and how it fails. Close it when done. */
export class RemoteRegistry {
  /** As images name it, for instance `docker.io`. */
  readonly name: string;
  readonly retryPolicy: RetryPolicy;
  readonly sessions: UploadSessions;
  readonly #client: HttpClient;
  readonly #authenticator: Authenticator;
  readonly #allowsPlainHttp: boolean;
  readonly #requests = new Throttle(REQUESTS_AT_ONCE);
  readonly #uploads = new Throttle(UPLOADS_AT_ONCE);
  readonly #origin: Origin;

  constructor(name: string, options: RemoteRegistryOptions = {}) {
    this.name = name;
    this.#allowsPlainHttp = options.verifyTls === false || isLoopback(name);
    this.sessions = options.sessions ?? new UploadMemory();
    this.#client = new HttpClient(options);
    this.#authenticator = new Authenticator({
      registry: name,
      client: this.#client,
      findCredentials: options.findCredentials ?? (() => Promise.resolve(undefined)),
      allowsPlainHttp: this.#allowsPlainHttp,
    });
    this.retryPolicy = { attempts: 4, firstDelayMs: 500, ...options.retry, ...TRANSIENT };
    this.#origin = new Origin({
      host: apiHost(name),
      client: this.#client,
      retryPolicy: this.retryPolicy,
      allowsPlainHttp: this.#allowsPlainHttp,
    });
  }

  /**
   * Sends a request, proves who the user is where that is asked for, and repeats what may pass. A body that is streamed
   * is sent once only.
   * @throws {RegistryError} for every status that is not expected, and when the registry cannot be reached.
   */
  async send(ctx: Context, request: RegistryRequest): Promise<HttpResponse> {
    const url = await this.#locate(ctx, request);
    const policy = isStreamed(request) ? { ...this.retryPolicy, attempts: 1 } : this.retryPolicy;
    return retry(ctx, policy, () => this.#sendInTurn(ctx, url, request));
  }

  /** Like {@link send}, with the whole body of the answer. @throws {IntegrityError} when that is beyond the limit. */
  async read(
    ctx: Context,
    request: RegistryRequest & { readonly limitBytes: number },
  ): Promise<{ readonly response: HttpResponse; readonly document: Buffer }> {
    const { access, limitBytes } = request;
    const url = await this.#locate(ctx, request);
    return retry(ctx, this.retryPolicy, async () => {
      const response = await this.#sendInTurn(ctx, url, request);
      try {
        return { response, document: await collect(response.body, limitBytes) };
      } catch (error) {
        if (error instanceof ConnectionFailure) throw unreachable(access.purpose, url, error.cause);
        if (!(error instanceof RangeError)) throw error;
        throw new IntegrityError(`Cannot ${access.purpose}: the answer has more than ${limitBytes} bytes`);
      }
    });
  }

  /** @throws {RegistryError} REGISTRY_UNAUTHORIZED when the registry does not know the user. */
  async checkLogin(ctx: Context): Promise<void> {
    const access = { repository: "", scopes: [], purpose: `log in to "${this.name}"` };
    (await this.send(ctx, { method: "GET", target: "", access, expect: [200] })).discard();
  }

  close(): void {
    this.#client.close();
  }

  /** Content that is sent has turns of its own: it may wait for content that is read from the same registry. */
  async #sendInTurn(ctx: Context, url: URL, request: RegistryRequest): Promise<HttpResponse> {
    const throttle = isStreamed(request) ? this.#uploads : this.#requests;
    try {
      const response = await throttle.run(ctx, () => this.#sendOnce(ctx, url, request));
      throttle.succeeded();
      return response;
    } catch (error) {
      if (error instanceof RegistryError && isOverload(error)) throttle.refused(error.retryAfterMs);
      throw error;
    }
  }

  async #sendOnce(ctx: Context, url: URL, request: RegistryRequest): Promise<HttpResponse> {
    const { access, expect } = request;
    // A place elsewhere, where the registry sent us, needs no proof of who the user is.
    const isOwn = url.origin === this.#origin.known?.origin;
    const authorization = isOwn ? await this.#authenticator.authorize(ctx, access) : undefined;
    let response = await this.#exchange(ctx, url, { ...request, authorization });
    if (isOwn && isRefusal(response, url) && !isStreamed(request)) {
      const answer = await this.#authenticator.answer(ctx, response.headers["www-authenticate"], access);
      if (answer !== undefined) {
        response.discard();
        response = await this.#exchange(ctx, url, { ...request, authorization: answer });
      }
    }
    if (expect.includes(response.status)) return response;
    const error = await readErrorResponse(access.purpose, this.name, response);
    ctx.signal.throwIfAborted();
    throw error;
  }

  async #exchange(
    ctx: Context,
    url: URL,
    { method, headers, body, access, authorization }: RegistryRequest & { authorization: string | undefined },
  ): Promise<HttpResponse> {
    const proof = authorization === undefined ? {} : { authorization };
    const request = { method, url, headers: { ...headers, ...proof }, ...(body && { body }) };
    const options = { allowsPlainHttp: this.#allowsPlainHttp, purpose: access.purpose };
    return sendFollowing(ctx, this.#client, { request, ...options }).catch((error: unknown) => {
      throw error instanceof ConnectionFailure ? unreachable(access.purpose, url, error.cause) : error;
    });
  }

  async #locate(ctx: Context, { target, access }: RegistryRequest): Promise<URL> {
    if (typeof target === "string") {
      return new URL(`/v2/${target}`, await this.#origin.find(ctx, access.purpose));
    }
    if (target.protocol === "https:" || (target.protocol === "http:" && this.#allowsPlainHttp)) return target;
    throw new RegistryError(
      "REGISTRY_STATUS",
      `Cannot ${access.purpose}: "${this.name}" wants content at "${target.host}" without TLS`,
    );
  }
}

/** Its body can be sent once only. */
function isStreamed({ body }: RegistryRequest): boolean {
  return body !== undefined && "content" in body;
}

/** The registry has too much to do. */
function isOverload({ status, retryAfterMs }: RegistryError): boolean {
  return status === 429 || (status === 503 && retryAfterMs !== undefined);
}

function isRefusal(
  response: HttpResponse,
  asked: URL,
): response is HttpResponse & { headers: { "www-authenticate": string } } {
  return (
    response.status === 401 &&
    response.url.origin === asked.origin &&
    typeof response.headers["www-authenticate"] === "string"
  );
}
