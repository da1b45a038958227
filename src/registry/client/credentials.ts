import type { Context } from "../../base/context.ts";
import type { Secret } from "../../base/secret.ts";

/** How a user proves who it is; an identity token is what a registry gave out at login in place of the password. */
export type Credentials =
  | { readonly kind: "password"; readonly username: string; readonly password: Secret }
  | { readonly kind: "identity-token"; readonly token: Secret };

/** Where an answer is looked for: credentials may be for a whole registry or for a part of its repositories. */
export interface CredentialsQuery {
  readonly registry: string;
  readonly repository: string;
}

/** @returns undefined when there are none: the registry is then asked anonymously. */
export type FindCredentials = (ctx: Context, query: CredentialsQuery) => Promise<Credentials | undefined>;

/** The value of an Authorization header. */
export function basicAuthorization(username: string, password: Secret): string {
  return `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString("base64")}`;
}
