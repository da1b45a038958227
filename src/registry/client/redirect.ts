import type { Context } from "../../base/context.ts";
import { RegistryError } from "./errors.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "./http.ts";

const REDIRECT_STATUS: readonly number[] = [301, 302, 303, 307, 308];
const LIMIT = 10;

export interface RedirectOptions {
  /** True where the target of a redirect may be plain HTTP. */
  readonly allowsPlainHttp: boolean;
  readonly purpose: string;
}

/**
 * Sends a request and follows redirects of reads. What proves who the user is goes to the first origin only.
 * @throws {RegistryError} for a redirect that leads round in a circle, to no URL, or away from TLS.
 */
export async function sendFollowing(
  ctx: Context,
  client: HttpClient,
  { request, ...options }: RedirectOptions & { request: HttpRequest },
): Promise<HttpResponse> {
  let next = request;
  for (let count = 0; count <= LIMIT; count++) {
    const response = await client.send(ctx, next);
    if (!isRedirect(next, response)) return response;
    response.discard();
    next = redirected(next, { location: response.headers["location"], ...options });
  }
  throw refused(options.purpose, request.url, `more than ${LIMIT} redirects, one after the other`);
}

function isRedirect({ method }: HttpRequest, { status }: HttpResponse): boolean {
  return (method === "GET" || method === "HEAD") && REDIRECT_STATUS.includes(status);
}

function redirected(
  request: HttpRequest,
  { location, allowsPlainHttp, purpose }: RedirectOptions & { location: string | string[] | undefined },
): HttpRequest {
  if (typeof location !== "string" || !URL.canParse(location, request.url.href)) {
    throw refused(purpose, request.url, "a redirect to no URL");
  }
  const url = new URL(location, request.url);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && allowsPlainHttp)) {
    throw refused(purpose, request.url, "a redirect away from HTTPS");
  }
  if (url.origin === request.url.origin) return { ...request, url };
  const { authorization: _, ...headers } = request.headers ?? {};
  return { ...request, url, headers };
}

function refused(purpose: string, { host }: URL, found: string): RegistryError {
  return new RegistryError("REGISTRY_STATUS", `Cannot ${purpose}: "${host}" answered with ${found}`);
}
