import type { Context } from "../../base/context.ts";
import { retry, type RetryPolicy } from "../../base/retry.ts";
import { untilAborted } from "../../base/until-aborted.ts";
import { unreachable } from "./errors.ts";
import { ConnectionFailure, type HttpClient } from "./http.ts";

export interface OriginOptions {
  readonly host: string;
  readonly client: HttpClient;
  readonly retryPolicy: RetryPolicy;
  readonly allowsPlainHttp: boolean;
}

/** Where a registry is: whether it speaks TLS is found out once. */
export class Origin {
  readonly #options: OriginOptions;
  #known: URL | undefined;
  #finding: { readonly signal: AbortSignal; readonly origin: Promise<URL> } | undefined;

  constructor(options: OriginOptions) {
    this.#options = options;
  }

  /** Undefined as long as nobody has asked. */
  get known(): URL | undefined {
    return this.#known;
  }

  /** Requests that begin together find out once. */
  async find(ctx: Context, purpose: string): Promise<URL> {
    while (!this.#known) {
      const finding = (this.#finding ??= this.#start(ctx, purpose));
      try {
        this.#known = await untilAborted(ctx, finding.origin);
      } catch (error) {
        // Whoever asked may have been cancelled; then the next one asks.
        if (ctx.signal.aborted || !finding.signal.aborted) throw error;
      } finally {
        if (this.#finding === finding) this.#finding = undefined;
      }
    }
    return this.#known;
  }

  #start(ctx: Context, purpose: string): { readonly signal: AbortSignal; readonly origin: Promise<URL> } {
    const origin = this.#find(ctx, purpose);
    origin.catch(() => undefined); // those who wait are told
    return { signal: ctx.signal, origin };
  }

  /** TLS where there is any; plain HTTP only where it is allowed and nothing there speaks TLS. */
  async #find(ctx: Context, purpose: string): Promise<URL> {
    const { host, retryPolicy, allowsPlainHttp } = this.#options;
    const secure = new URL(`https://${host}`);
    if (!allowsPlainHttp) return secure;
    const plain = new URL(`http://${host}`);
    return retry(ctx, retryPolicy, async () => {
      const failure = await this.#probe(ctx, secure);
      if (!failure) return secure;
      const error = unreachable(purpose, secure, failure.cause);
      if (error.isUntrusted) throw error;
      const plainFailure = await this.#probe(ctx, plain);
      if (!plainFailure) return plain;
      throw unreachable(purpose, plain, plainFailure.cause);
    });
  }

  async #probe(ctx: Context, origin: URL): Promise<ConnectionFailure | undefined> {
    try {
      (await this.#options.client.send(ctx, { method: "GET", url: new URL("/v2/", origin) })).discard();
      return undefined;
    } catch (error) {
      if (error instanceof ConnectionFailure) return error;
      throw error;
    }
  }
}
