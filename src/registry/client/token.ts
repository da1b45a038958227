import { collect } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { Secret } from "../../base/secret.ts";
import { basicAuthorization, type Credentials } from "./credentials.ts";
import { readErrorResponse } from "./error-response.ts";
import { RegistryError, unreachable } from "./errors.ts";
import { ConnectionFailure, type HttpClient, type HttpRequest } from "./http.ts";

export interface TokenRequest {
  /** Where tokens are given out. */
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scopes: readonly string[];
  /** Absent: an anonymous token. */
  readonly credentials: Credentials | undefined;
  /** What the token is for, for errors. */
  readonly purpose: string;
}

export interface BearerToken {
  readonly token: Secret;
  readonly expiresInMs: number;
}

const LIMIT_BYTES = 1024 * 1024;
/** What a token that does not say lives, by the specification. */
const DEFAULT_EXPIRY_MS = 60_000;

/**
 * https://distribution.github.io/distribution/spec/auth/token/ and, for identity tokens, …/spec/auth/oauth/
 * @throws {RegistryError} when the token server refuses or answers without a token.
 */
export async function fetchToken(ctx: Context, client: HttpClient, request: TokenRequest): Promise<BearerToken> {
  const { realm, purpose } = request;
  const response = await client.send(ctx, toHttpRequest(request)).catch((error: unknown) => {
    throw error instanceof ConnectionFailure ? unreachable(purpose, realm, error.cause) : error;
  });
  if (response.status !== 200) throw await readErrorResponse(purpose, realm.host, response);
  const token = parseToken(await collect(response.body, LIMIT_BYTES).catch(() => Buffer.alloc(0)));
  if (token) return token;
  throw new RegistryError("REGISTRY_UNAUTHORIZED", `Cannot ${purpose}: "${realm.host}" answered without a token`);
}

function toHttpRequest({ realm, service, scopes, credentials }: TokenRequest): HttpRequest {
  const parameters: [string, string][] = [
    ...(service === undefined ? [] : [["service", service] satisfies [string, string]]),
    ...scopes.map((scope): [string, string] => ["scope", scope]),
  ];
  if (credentials?.kind === "identity-token") return refreshRequest(realm, parameters, credentials.token);
  const url = new URL(realm);
  for (const [name, value] of parameters) url.searchParams.append(name, value);
  if (!credentials) return { method: "GET", url };
  url.searchParams.append("account", credentials.username);
  return {
    method: "GET",
    url,
    headers: { authorization: basicAuthorization(credentials.username, credentials.password) },
  };
}

function refreshRequest(url: URL, parameters: readonly [string, string][], token: Secret): HttpRequest {
  const scope = parameters.filter(([name]) => name === "scope").map(([, value]) => value);
  const form = new URLSearchParams([
    ...parameters.filter(([name]) => name !== "scope"),
    ["scope", scope.join(" ")],
    ["grant_type", "refresh_token"],
    ["client_id", "sealos"],
    ["refresh_token", token.reveal()],
  ]);
  return {
    method: "POST",
    url,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: Buffer.from(form.toString()),
  };
}

/** @returns undefined for a document without a usable token. */
export function parseToken(document: Uint8Array): BearerToken | undefined {
  const { token, access_token, expires_in } = parseObject(document);
  const value = typeof token === "string" && token !== "" ? token : access_token;
  // What is not printable ASCII would not be a header.
  if (typeof value !== "string" || !/^[\x21-\x7e]+$/.test(value)) return undefined;
  const seconds = typeof expires_in === "number" && expires_in > 0 ? expires_in : undefined;
  return {
    token: new Secret(value),
    expiresInMs: seconds === undefined ? DEFAULT_EXPIRY_MS : seconds * 1000,
  };
}

function parseObject(document: Uint8Array): Partial<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(document).toString("utf8"));
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
