import type { Context } from "../../base/context.ts";
import { parseChallenges, type Challenge } from "./challenge.ts";
import { basicAuthorization, type Credentials, type FindCredentials } from "./credentials.ts";
import { RegistryError } from "./errors.ts";
import type { HttpClient } from "./http.ts";
import { fetchToken } from "./token.ts";

/** What a request will do, so that a token can be asked for that allows just that. */
export interface Access {
  readonly repository: string;
  /** As token servers write it: `repository:library/nginx:pull`. */
  readonly scopes: readonly string[];
  /** For errors, after "Cannot": `pull "docker.io/library/nginx:1"`. */
  readonly purpose: string;
}

export interface AuthenticatorOptions {
  readonly registry: string;
  readonly client: HttpClient;
  readonly findCredentials: FindCredentials;
  /** True where a token server may be asked without TLS. */
  readonly allowsPlainHttp: boolean;
}

/** A token is not used in the last part of its life: it might end on the way. */
const EXPIRY_MARGIN_MS = 5000;

interface KnownAuthorization {
  readonly value: string;
  readonly expiresAtMs: number;
}

/** Proves to one registry who the user is; remembers what worked. */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  #challenge: Challenge | undefined;
  readonly #known = new Map<string, KnownAuthorization>();

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /** The Authorization header for this access; undefined as long as the registry has not asked for one. */
  async authorize(ctx: Context, access: Access): Promise<string | undefined> {
    const known = this.#known.get(keyOf(access));
    if (known && known.expiresAtMs > performance.now()) return known.value;
    return this.#challenge && this.#obtain(ctx, this.#challenge, access);
  }

  /**
   * Answers the WWW-Authenticate header of a 401.
   * @returns undefined when there is nothing to answer with: no credentials, or no scheme that is known here.
   */
  async answer(ctx: Context, header: string, access: Access): Promise<string | undefined> {
    const challenges = parseChallenges(header);
    const challenge =
      challenges.find(({ scheme }) => scheme === "bearer") ?? challenges.find(({ scheme }) => scheme === "basic");
    if (!challenge) return undefined;
    // The scope is for this one request; later ones have their own.
    const { scope, ...parameters } = challenge.parameters;
    this.#challenge = { scheme: challenge.scheme, parameters };
    const asked = (scope ?? "").split(" ").filter((part) => part !== "");
    return this.#obtain(ctx, challenge, { ...access, scopes: [...new Set([...access.scopes, ...asked])] });
  }

  async #obtain(ctx: Context, challenge: Challenge, access: Access): Promise<string | undefined> {
    const { registry, findCredentials } = this.#options;
    const credentials = await findCredentials(ctx, { registry, repository: access.repository });
    const known =
      challenge.scheme === "bearer"
        ? await this.#askForToken(ctx, challenge, { access, credentials })
        : toBasic(credentials);
    if (known) this.#known.set(keyOf(access), known);
    return known?.value;
  }

  async #askForToken(
    ctx: Context,
    { parameters }: Challenge,
    { access, credentials }: { access: Access; credentials: Credentials | undefined },
  ): Promise<KnownAuthorization> {
    const { token, expiresInMs } = await fetchToken(ctx, this.#options.client, {
      realm: this.#parseRealm(parameters["realm"], access),
      service: parameters["service"],
      scopes: access.scopes,
      credentials,
      purpose: access.purpose,
    });
    return {
      value: `Bearer ${token.reveal()}`,
      expiresAtMs: performance.now() + expiresInMs - EXPIRY_MARGIN_MS,
    };
  }

  #parseRealm(realm: string | undefined, { purpose }: Access): URL {
    const url = realm !== undefined && URL.canParse(realm) ? new URL(realm) : undefined;
    if (url?.protocol === "https:" || (url?.protocol === "http:" && this.#options.allowsPlainHttp)) return url;
    throw new RegistryError(
      "REGISTRY_UNAUTHORIZED",
      `Cannot ${purpose}: "${this.#options.registry}" names no token server that is reached by HTTPS`,
      { hint: "Allow plain HTTP for this registry if it is yours, with --tls-verify=false" },
    );
  }
}

function keyOf({ repository, scopes }: Access): string {
  return [repository, ...scopes].join(" ");
}

function toBasic(credentials: Credentials | undefined): KnownAuthorization | undefined {
  if (credentials?.kind !== "password") return undefined;
  return {
    value: basicAuthorization(credentials.username, credentials.password),
    expiresAtMs: Number.POSITIVE_INFINITY,
  };
}
